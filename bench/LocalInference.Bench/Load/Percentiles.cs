namespace LocalInference.Bench.Load;

/// <summary>Exact percentiles by nearest rank: each is one of the samples, nothing is interpolated or put in buckets.</summary>
/// <param name="P50">Milliseconds; null without samples.</param>
/// <param name="P95">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
internal sealed record Percentiles(double? P50, double? P95, double? P99)
{
    public static Percentiles Of(IEnumerable<TimeSpan> samples)
    {
        double[] sorted = [.. samples.Select(s => s.TotalMilliseconds).Order()];
        return new Percentiles(At(sorted, 50), At(sorted, 95), At(sorted, 99));
    }

    // Whole numbers to the last: 0.95 * 20 in floating point may round up to the next sample.
    private static double? At(double[] sorted, int percent) =>
        sorted.Length == 0 ? null : sorted[(((sorted.Length * percent) + 99) / 100) - 1];
}
