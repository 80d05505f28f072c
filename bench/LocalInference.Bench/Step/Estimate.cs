namespace LocalInference.Bench.Step;

/// <summary>A median with the interval that holds the true one in at least 95 of 100 runs, whatever the samples' distribution.</summary>
/// <param name="Median">The middle sample, or the mean of the middle two.</param>
/// <param name="Low">A sample, the interval's lower end.</param>
/// <param name="High">A sample, the interval's upper end.</param>
internal readonly record struct Estimate(double Median, double Low, double High)
{
    /// <summary>Fewer samples cannot give 95 %: the true median lies outside all of five in 1 of 16 runs.</summary>
    public const int MinSamples = 6;

    private const double MaxMiss = 0.05;

    /// <summary>Estimates.</summary>
    /// <param name="samples">At least <see cref="MinSamples"/>.</param>
    public static Estimate Of(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        int count = sorted.Length;
        if (count < MinSamples) throw new ArgumentException($"{count} samples; at least {MinSamples} are needed.", nameof(samples));
        int rank = Rank(count);
        return new Estimate((sorted[(count - 1) / 2] + sorted[count / 2]) / 2, sorted[rank], sorted[count - 1 - rank]);
    }

    /// <summary>
    /// Samples to leave out at each end: how many lie below the true median is binomial with one half, so the k-th from each end miss it with
    /// twice the probability of fewer than k.
    /// </summary>
    private static int Rank(int count)
    {
        int rank = 0;
        double term = Math.Pow(0.5, count), below = term;
        while (2 * (below + (term * (count - rank) / (rank + 1))) <= MaxMiss)
        {
            term *= (double)(count - rank) / (rank + 1);
            below += term;
            rank++;
        }
        return rank;
    }
}
