using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Graph;

/// <summary>
/// Rotary positions of a model: a frequency for each pair of a head's elements, and what the tables are multiplied by. Angles are taken in
/// single precision, as the reference implementations do: at high positions a better angle would be another one than the model was trained
/// with.
/// </summary>
/// <param name="frequencies">One for each pair.</param>
/// <param name="magnitude">Multiplies cosines and sines.</param>
internal sealed class RotaryTable(float[] frequencies, float magnitude)
{
    public IReadOnlyList<float> Frequencies => frequencies;

    public float Magnitude => magnitude;

    /// <summary>The table of a model.</summary>
    public static RotaryTable Of(CheckpointConfig config, bool multipliesAuthorsFactor)
    {
        var frequencies = new float[config.HeadSize / 2];
        for (int i = 0; i < frequencies.Length; i++)
            frequencies[i] = 1f / (float)Math.Pow(config.RopeTheta, 2f * i / config.HeadSize);
        float magnitude = 1;
        switch (config.RopeScaling)
        {
            case LinearRope linear:
                Scale(frequencies, (_, frequency) => frequency / (float)linear.Factor);
                break;
            case Llama3Rope llama:
                Scale(frequencies, (_, frequency) => Llama3(llama, frequency));
                break;
            case YarnRope yarn:
                (double low, double high) = CorrectionRange(yarn, config.HeadSize, config.RopeTheta);
                Scale(frequencies, (pair, frequency) => Yarn(yarn, pair, frequency, low, high));
                magnitude = (float)(yarn.AttentionFactor * (multipliesAuthorsFactor ? yarn.AuthorsFactor : 1));
                break;
        }
        return new RotaryTable(frequencies, magnitude);
    }

    public void Cosines(long position, Span<float> row)
    {
        for (int i = 0; i < frequencies.Length; i++)
            row[i] = (float)Math.Cos(position * frequencies[i]) * magnitude;
    }

    public void Sines(long position, Span<float> row)
    {
        for (int i = 0; i < frequencies.Length; i++)
            row[i] = (float)Math.Sin(position * frequencies[i]) * magnitude;
    }

    private static void Scale(float[] frequencies, Func<int, float, float> scaled)
    {
        for (int i = 0; i < frequencies.Length; i++)
            frequencies[i] = scaled(i, frequencies[i]);
    }

    private static float Llama3(Llama3Rope rope, float frequency)
    {
        float wavelength = 2 * MathF.PI / frequency;
        if (wavelength > rope.OriginalContext / rope.LowFrequencyFactor)
            return frequency / (float)rope.Factor;
        if (wavelength < rope.OriginalContext / rope.HighFrequencyFactor)
            return frequency;
        float kept = ((rope.OriginalContext / wavelength) - (float)rope.LowFrequencyFactor) / (float)(
            rope.HighFrequencyFactor - rope.LowFrequencyFactor);
        return ((1 - kept) * frequency / (float)rope.Factor) + (kept * frequency);
    }

    private static float Yarn(YarnRope rope, int pair, float frequency, double low, double high)
    {
        float kept = 1 - Math.Clamp((float)((pair - low) / (high - low)), 0, 1);
        return (frequency / (float)rope.Factor * (1 - kept)) + (frequency * kept);
    }

    /// <summary>
    /// Pairs that turn <see cref="YarnRope.BetaFast"/> and <see cref="YarnRope.BetaSlow"/> times over the original context.
    /// </summary>
    private static (double Low, double High) CorrectionRange(YarnRope rope, int headSize, double theta)
    {
        double low = PairOf(rope.BetaFast), high = PairOf(rope.BetaSlow);
        if (rope.Truncate)
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        low = Math.Max(low, 0);
        high = Math.Min(high, headSize - 1);
        return (low, low == high ? high + 0.001 : high);

        double PairOf(double turns) => headSize * Math.Log(rope.OriginalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
    }
}
