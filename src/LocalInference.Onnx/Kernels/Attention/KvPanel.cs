using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// Gives a unit's keys or values as rows of lanes that a product can take. What no product takes as it is, is widened to floats in a task's scratch, once for all
/// queries and heads that share it; on the way the next unit is fetched, line for line, so that reading memory and computing overlap.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class KvPanel<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <summary>Gives the rows; widened where need be.</summary>
    /// <param name="memory">The cache.</param>
    /// <param name="from">The first lane.</param>
    /// <param name="stride">Lanes from one packed row to the next.</param>
    /// <param name="rows">Rows wanted.</param>
    /// <param name="width">Columns wanted; a multiple of 16.</param>
    /// <param name="scratch">Room for as many rows of <paramref name="scratchStride"/> floats, rounded up to whole packed ones.</param>
    /// <param name="scratchStride">Floats from one widened row to the next.</param>
    /// <param name="ahead">Bytes from here to what is read next; 0 where nothing is.</param>
    public static Rows Read(AttentionMemory* memory, byte* from, int stride, int rows, int width, float* scratch, int scratchStride, long ahead)
    {
        if (!memory->IsWidened)
            return new Rows((float*)from, stride, ahead);
        WidenPairs(from, stride, (rows + 1) / 2, width, scratch, scratchStride, ahead);
        return new Rows(scratch, scratchStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenPairs(byte* from, int stride, int groups, int width, float* to, int toStride, long ahead)
    {
        for (int group = 0; group < groups; group++, from += (long)stride * sizeof(float), to += 2 * toStride)
            for (int column = 0; column < width; column += TLanes.Width)
            {
                byte* lanes = from + (column * sizeof(float));
                Ahead.Fetch(lanes + ahead, 1);
                (TVector first, TVector second) = TLanes.LoadBFloat16Pairs(lanes);
                TLanes.Store(first, to + column);
                TLanes.Store(second, to + toStride + column);
            }
    }
}
