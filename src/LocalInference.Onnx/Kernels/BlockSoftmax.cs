using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>One block's turn of the online softmax, for one row of scores.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class BlockSoftmax<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <summary>Turns scores (times log2(e)) into weights relative to the running maximum.</summary>
    /// <param name="scores">[width], in place; those from <paramref name="valid"/> on belong to no token.</param>
    /// <param name="valid">Scores that count.</param>
    /// <param name="width">A multiple of 16, <paramref name="valid"/> or just above.</param>
    /// <param name="max">The running maximum; negative infinity before the first block.</param>
    /// <param name="sum">The running sum of weights.</param>
    /// <returns>What everything summed up so far is to be multiplied by.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Apply(float* scores, int valid, int width, ref float max, ref float sum)
    {
        for (int i = valid; i < width; i++)
            scores[i] = float.NegativeInfinity;
        TVector top = TLanes.Load(scores);
        for (int i = TLanes.Width; i < width; i += TLanes.Width)
            top = TLanes.Max(top, TLanes.Load(scores + i));
        float reached = MathF.Max(max, TLanes.MaxAcross(top));
        TVector shift = TLanes.Broadcast(reached), total = default;
        for (int i = 0; i < width; i += TLanes.Width)
        {
            TVector weight = Exponential.PowerOfTwo<TVector, TLanes>(TLanes.Subtract(TLanes.Load(scores + i), shift));
            TLanes.Store(weight, scores + i);
            total = TLanes.Add(total, weight);
        }
        TVector kept = Exponential.PowerOfTwo<TVector, TLanes>(TLanes.Broadcast(max - reached));
        float carry = TLanes.MaxAcross(kept);
        max = reached;
        sum = (sum * carry) + TLanes.SumAcross(total);
        return carry;
    }
}
