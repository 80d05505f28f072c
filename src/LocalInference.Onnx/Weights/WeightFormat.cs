namespace LocalInference.Onnx.Weights;

/// <summary>How the tiles of a packed weight look: everything that a kernel is written for.</summary>
/// <remarks>
/// A tile is 32 outputs over all of K, one stream of blocks from beginning to end; here 4 bits in blocks of 32 with fp16 scales, 576 bytes
/// a block:
/// <code>
///         ┌ 64 bytes: the scales of outputs 0 … 31 (128 where they are fp32; behind them, where the weight has them, 32 zero points as int16)
/// block:  ├ 64 bytes: outputs 0 … 15, four bytes each. Byte j of output o: k = j in the low four bits, k = 16 + j in the high ones
///         ├ 64 bytes: the same for k = 4 + j and 20 + j; two more lines: 8 + j and 24 + j, 12 + j and 28 + j
///         └ 4 × 64 bytes: outputs 16 … 31
/// </code>
/// A 512-bit register thus holds four consecutive k of 16 outputs, which is what one <c>vpdpbusd</c> multiplies with four activations and
/// adds up. 8 bits: a byte per code, twice the lines. Blocks wider than 32 are several slabs of such lines behind one line of scales.
/// </remarks>
/// <param name="Bits">4 or 8.</param>
/// <param name="BlockSize">Elements along K that share a scale: 16, 32, 64, 128 or 256.</param>
/// <param name="HasZeroPoints">Whether each block has a zero point of its own; else it is the middle of the codes.</param>
/// <param name="HasHalfScales">Scales as fp16 instead of fp32.</param>
internal readonly record struct WeightFormat(int Bits, int BlockSize, bool HasZeroPoints, bool HasHalfScales)
{
    /// <summary>Outputs of a tile.</summary>
    public const int TileOutputs = 32;

    /// <summary>Outputs of a line.</summary>
    public const int LineOutputs = 16;

    /// <summary>Bytes of a line: a cache line, and a 512-bit register.</summary>
    public const int LineBytes = 64;

    /// <summary>The zero point of weights without zero points of their own.</summary>
    public int Middle => 1 << (Bits - 1);

    /// <summary>How the weight wants its input.</summary>
    public ActivationFormat Activations => new(BlockSize, HasZeroPoints ? 1 : Middle);

    /// <summary>Slabs that share a line of scales.</summary>
    public int SlabsPerBlock => BlockSize / Activations.SlabSize;

    /// <summary>Bytes of a block's scales.</summary>
    public int ScaleBytes => TileOutputs * (HasHalfScales ? 2 : sizeof(float));

    /// <summary>Bytes in front of a block's codes: scales and zero points.</summary>
    public int HeaderBytes => ScaleBytes + (HasZeroPoints ? TileOutputs * sizeof(short) : 0);

    /// <summary>Bytes of a slab's codes.</summary>
    public int SlabCodeBytes => TileOutputs * Activations.SlabSize * Bits / 8;

    /// <summary>Lines of 16 outputs in a slab.</summary>
    public int LinesPerSlab => SlabCodeBytes / 2 / LineBytes;

    /// <summary>Bytes of a block of a tile.</summary>
    public int BlockBytes => HeaderBytes + (SlabsPerBlock * SlabCodeBytes);
}
