namespace LocalInference.Onnx.Weights;

/// <summary>
/// How a row of floats is written as bytes for a quantised product. Weights that share it share one quantised copy of their input.
/// </summary>
/// <remarks>
/// Rows come in groups of at most 16 that one kernel call takes (<see cref="Kernels.Matrix.RowGroups"/>); along K a row is cut into slabs
/// of at most 32. A group of R rows is a stream of slabs, in the order in which a kernel reads them:
/// <code>
/// slab 0: │ row 0: 32 × int8 │ … │ row R-1 │ R × float scale │ R × int32 correction │  slab 1: …
/// </code>
/// The correction takes the weights' zero point out of a sum of unsigned codes: Σ a·(code − zero) = Σ a·code + correction, correction =
/// −zero · Σ a.
/// </remarks>
/// <param name="BlockSize">Elements along K that share a scale: the weight's own block.</param>
/// <param name="ZeroPoint">
/// What the correction multiplies by: 8 or 128 for symmetric weights, 1 where each block of the weight brings its own.
/// </param>
internal readonly record struct ActivationFormat(int BlockSize, int ZeroPoint)
{
    /// <summary>Elements whose products are summed as integers: wider blocks are several slabs with one scale.</summary>
    public const int MaxSlabSize = 32;

    /// <summary>Elements of a slab along K.</summary>
    public int SlabSize => Math.Min(BlockSize, MaxSlabSize);

    /// <summary>Bytes that a row takes in a slab: elements, scale, correction.</summary>
    public int SlabBytes => SlabSize + sizeof(float) + sizeof(int);

    /// <summary>Slabs of a row; the last block is filled up with zeros.</summary>
    public int SlabCount(int columns) => (columns + BlockSize - 1) / BlockSize * (BlockSize / SlabSize);

    /// <summary>Bytes of a whole row.</summary>
    public int RowBytes(int columns) => SlabCount(columns) * SlabBytes;
}
