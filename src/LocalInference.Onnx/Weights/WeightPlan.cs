namespace LocalInference.Onnx.Weights;

/// <summary>Where a tensor's bytes lie: a part of a file beside the graph, or memory.</summary>
/// <param name="File">A file's full path; null where <paramref name="Bytes"/> has the data.</param>
/// <param name="Offset">Where in the file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Bytes">The data of a tensor that lies in the graph.</param>
internal sealed record TensorSource(string? File, long Offset, long Length, ReadOnlyMemory<byte> Bytes);

/// <summary>A quantised matrix as <c>MatMulNBits</c> has it: [outputs][blocks along K] of codes, each block with a scale.</summary>
/// <param name="Codes">uint8; of 4-bit codes the even element is the low half of a byte.</param>
/// <param name="Scales">One for each output and block.</param>
/// <param name="HasHalfScales">Scales are fp16; else fp32.</param>
/// <param name="ZeroPoints">As the codes, each output beginning with a new byte; null for the middle of the codes.</param>
/// <param name="Bias">fp32, one for each output; null for none.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">K.</param>
/// <param name="Bits">4 or 8.</param>
/// <param name="BlockSize">Elements that share a scale.</param>
internal sealed record MatrixSource(
    TensorSource Codes, TensorSource Scales, bool HasHalfScales, TensorSource? ZeroPoints, TensorSource? Bias, int Rows, int Columns, int Bits,
    int BlockSize)
{
    public int BlockCount => (Columns + BlockSize - 1) / BlockSize;

    /// <summary>How its input is quantised.</summary>
    public ActivationFormat Activations => new WeightFormat(Bits, BlockSize, ZeroPoints is not null, false).Activations;
}

/// <summary>One packed weight to be made: a matrix, or two whose rows are interleaved.</summary>
/// <param name="First">The matrix; with a partner the gate.</param>
/// <param name="Partner">
/// The up projection: then a tile is 16 outputs of the gate and the same 16 of the up projection, so that one task has what SiLU and
/// multiplication take.
/// </param>
internal sealed record WeightPlan(MatrixSource First, MatrixSource? Partner = null)
{
    /// <summary>Outputs, partner included.</summary>
    public int Rows => First.Rows + (Partner?.Rows ?? 0);
}
