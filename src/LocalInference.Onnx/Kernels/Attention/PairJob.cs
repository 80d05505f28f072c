using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>One call of a <see cref="PairKernel"/>, which changes it as it goes. Strides and widths are in bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PairJob
{
    /// <summary>Rows of pairs of 16 bits.</summary>
    public float* Left;

    public long LeftStride;

    /// <summary>[depth][width] pairs.</summary>
    public float* Right;

    public long RightStride;

    /// <summary>What will be read next: as much of it as <see cref="Right"/> is long is fetched, line by line, since memory gives whole stretches fastest.</summary>
    public byte* Ahead;

    /// <summary>[rows][width] floats.</summary>
    public float* Result;

    public long ResultStride;

    /// <summary>Pairs of a row; at least 1.</summary>
    public long Depth;

    /// <summary>A multiple of 64.</summary>
    public long WidthBytes;

    /// <summary>What each row's integers stand for; not read for bfloat16.</summary>
    public float* Scales;

    /// <summary>What each row of the result is multiplied by first; not read by kernels that overwrite it.</summary>
    public float* Carries;
}
