using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Weights;

/// <summary>
/// A packed weight as kernels see it: in native memory, so that pool threads read it without the garbage collector's knowledge.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PackedWeight
{
    /// <summary>The first tile.</summary>
    public byte* Tiles;

    /// <summary>A float for each output of all tiles; null for none.</summary>
    public float* Bias;

    /// <summary>Kernels by number of rows, 1 to 16; an entry is zero where the portable kernel runs.</summary>
    public nint* Kernels;

    /// <summary>Outputs.</summary>
    public int Rows;

    /// <summary>K.</summary>
    public int Columns;

    /// <summary>Blocks along K.</summary>
    public int BlockCount;

    /// <summary>Whole tiles, the last filled up with outputs of zeros.</summary>
    public int TileCount;

    /// <summary>Bytes of a tile.</summary>
    public long TileBytes;

    /// <summary>How the tiles look.</summary>
    public WeightFormat Format;

    /// <summary>A tile's first block.</summary>
    public readonly byte* Tile(int index) => Tiles + (index * TileBytes);
}
