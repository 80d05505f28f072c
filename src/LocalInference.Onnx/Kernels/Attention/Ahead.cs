using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Asks for memory before it is read, where the processor can be asked; elsewhere its own foresight must do.</summary>
internal static unsafe class Ahead
{
    private const int LineBytes = 64;

    /// <summary>Fetches up to four lines into the second-level cache (the first is too small for a unit and its successor: measured a third slower). Any address will do: one that is not there is passed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(byte* from, int lines)
    {
        if (!Sse.IsSupported || lines == 0)
            return;
        Sse.Prefetch1(from);
        if (lines == 1)
            return;
        Sse.Prefetch1(from + LineBytes);
        if (lines == 2)
            return;
        Sse.Prefetch1(from + (2 * LineBytes));
        Sse.Prefetch1(from + (3 * LineBytes));
    }
}
