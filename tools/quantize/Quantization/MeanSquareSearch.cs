using System.Numerics;

namespace LocalInference.Quantize.Quantization;

/// <summary>
/// Round to nearest with the scale that loses least: each block tries scales around the one that holds its extremes (a little clipping
/// costs the extreme something and gives all others finer steps), in symmetric blocks with either sign.
/// </summary>
internal sealed class MeanSquareSearch : RoundToNearest
{
    private const int Steps = 20;
    private const float StepSize = 0.02f;

    // Scales above the extremes' help where values crowd near codes.
    private const float Widest = 1.06f;

    /// <summary>The best scale and zero point found for a block.</summary>
    public static (float Scale, int ZeroPoint) Search(ReadOnlySpan<float> values, BlockFormat format)
    {
        (float Scale, int ZeroPoint) start = Extremes(values, format), best = start;
        if (start.Scale == 0)
            return start;
        float least = Error(values, start.Scale, start.ZeroPoint, format);
        for (int step = 0; step <= Steps; step++)
        {
            float scale = start.Scale * (Widest - (step * StepSize));
            // The other way to read the step: a symmetric block turned round, an asymmetric one clipped at its upper end only.
            (float Scale, int ZeroPoint) turned = format.IsSymmetric
                ? (-scale, start.ZeroPoint)
                : (scale, Math.Clamp((int)MathF.Round(start.ZeroPoint * start.Scale / scale), 0, format.HighestCode));
            foreach ((float Scale, int ZeroPoint) candidate in (ReadOnlySpan<(float, int)>)[(scale, start.ZeroPoint), turned])
                if (Error(values, candidate.Scale, candidate.ZeroPoint, format) is var error && error < least)
                    (least, best) = (error, candidate);
        }
        return best;
    }

    protected override (float Scale, int ZeroPoint) Choose(ReadOnlySpan<float> values, BlockFormat format) => Search(values, format);

    private static float Error(ReadOnlySpan<float> values, float scale, int zero, BlockFormat format)
    {
        float reciprocal = 1 / scale, highest = format.HighestCode, sum = 0;
        int i = 0;
        var sums = Vector<float>.Zero;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            Vector<float> code = Vector.Floor((value * reciprocal) + new Vector<float>(zero + 0.5f));
            code = Vector.Min(Vector.Max(code, Vector<float>.Zero), new Vector<float>(highest));
            Vector<float> lost = ((code - new Vector<float>(zero)) * scale) - value;
            sums += lost * lost;
        }
        for (; i < values.Length; i++)
        {
            float lost = ((Math.Clamp(MathF.Floor((values[i] * reciprocal) + zero + 0.5f), 0, highest) - zero) * scale) - values[i];
            sum += lost * lost;
        }
        return sum + Vector.Sum(sums);
    }
}
