using System.Runtime.InteropServices;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>What the matrix kernels of one session share, in native memory so that pool threads read it without the garbage collector's knowledge.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MatrixMemory
{
    /// <summary>All packed weights.</summary>
    public PackedWeight* Weights;

    /// <summary>How many.</summary>
    public int WeightCount;

    /// <summary>Threads of the session.</summary>
    public int Threads;
}
