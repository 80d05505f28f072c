using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Prepares one head of a query or key: RMS norm where the model has one, then rotation by its position, then a factor.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class HeadRotation<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <summary>y = rotate(normalise(x)) × factor.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="from">[head size].</param>
    /// <param name="norm">The norm's weights; null for none.</param>
    /// <param name="position">The token's position.</param>
    /// <param name="factor">What the result is multiplied by.</param>
    /// <param name="to">[head size]; not <paramref name="from"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(AttentionNode* node, float* from, float* norm, int position, float factor, float* to)
    {
        int size = node->HeadSize;
        if (norm is not null)
        {
            Normalise(from, norm, size, node->NormEpsilon, to);
            from = to;
        }
        if (node->Cos is null)
            Scale(from, size, factor, to);
        else
            Rotate(from, node->Cos + ((long)position * (size / 2)), node->Sin + ((long)position * (size / 2)), size / 2, factor, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rotate(float* from, float* cos, float* sin, int half, float factor, float* to)
    {
        TVector f = TLanes.Broadcast(factor);
        int i = 0;
        for (; i + TLanes.Width <= half; i += TLanes.Width)
        {
            TVector a = TLanes.Load(from + i), b = TLanes.Load(from + half + i), c = TLanes.Load(cos + i), s = TLanes.Load(sin + i);
            TLanes.Store(TLanes.Multiply(TLanes.Subtract(TLanes.Multiply(a, c), TLanes.Multiply(b, s)), f), to + i);
            TLanes.Store(TLanes.Multiply(TLanes.Add(TLanes.Multiply(b, c), TLanes.Multiply(a, s)), f), to + half + i);
        }
        for (; i < half; i++)
        {
            float a = from[i], b = from[half + i];
            to[i] = ((a * cos[i]) - (b * sin[i])) * factor;
            to[half + i] = ((b * cos[i]) + (a * sin[i])) * factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* from, int size, float factor, float* to)
    {
        for (int i = 0; i < size; i++)
            to[i] = from[i] * factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise(float* from, float* weights, int size, float epsilon, float* to)
    {
        float squares = 0;
        for (int i = 0; i < size; i++)
            squares += from[i] * from[i];
        float factor = 1 / MathF.Sqrt((squares / size) + epsilon);
        for (int i = 0; i < size; i++)
            to[i] = from[i] * factor * weights[i];
    }
}
