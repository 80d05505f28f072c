namespace LocalInference.Quantize.Quantization;

/// <summary>How a matrix is stored in blocks along its inputs, as ONNX Runtime's <c>MatMulNBits</c> reads it.</summary>
/// <param name="Bits">4 or 8.</param>
/// <param name="BlockSize">Inputs that share a scale: 16, 32, 64 or 128.</param>
/// <param name="IsSymmetric">Whether the zero point is the middle code, and not stored.</param>
internal sealed record BlockFormat(int Bits, int BlockSize, bool IsSymmetric)
{
    /// <summary>The code that a symmetric block gives to zero.</summary>
    public int Middle => 1 << (Bits - 1);

    public int HighestCode => (1 << Bits) - 1;

    /// <summary>Bytes of one block's codes.</summary>
    public int BlockBytes => BlockSize * Bits / 8;

    public int BlockCount(int columns) => (columns + BlockSize - 1) / BlockSize;

    /// <summary>Bytes of one row's zero points: each row starts a new byte.</summary>
    public int ZeroPointBytes(int columns) => ((BlockCount(columns) * Bits) + 7) / 8;
}
