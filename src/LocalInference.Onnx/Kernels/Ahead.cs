using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LocalInference.Onnx.Kernels;

/// <summary>Asks for memory before it is read, where the processor can be asked; elsewhere its own foresight must do.</summary>
internal static unsafe class Ahead
{
    private const int LineBytes = 64;

    /// <summary>Fetches one or two lines into the first-level cache. Any address will do: one that is not there is passed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(byte* from, int bytes)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(from);
        if (bytes > LineBytes)
            Sse.Prefetch0(from + LineBytes);
    }
}
