using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace LocalInference.Bench.Kernels;

/// <summary>A column of speeds: a benchmark's work by its median time.</summary>
/// <param name="name">The unit, a thousand million a second.</param>
/// <param name="legend">What it says.</param>
/// <param name="amount">Which part of the work.</param>
internal sealed class RateColumn(string name, string legend, Func<WorkAttribute, double> amount) : IColumn
{
    /// <summary>Multiply-adds.</summary>
    public static readonly RateColumn MultiplyAdds = new("GMAC/s", "Multiply-adds by median time", work => work.MultiplyAdds);

    /// <summary>Bytes read.</summary>
    public static readonly RateColumn Bytes =
        new("GB/s", "Bytes of weights (from memory) or logits (from the last-level cache) by median time", work => work.Bytes);

    public string Id => $"{nameof(RateColumn)}.{name}";

    public string ColumnName => name;

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => legend;

    /// <summary>Work by time: so many in a nanosecond are so many thousand million in a second. Three digits.</summary>
    public static string Rate(double amount, double? nanoseconds) =>
        Tables.Short(amount > 0 && nanoseconds > 0 ? amount / nanoseconds : null);

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(c => WorkAttribute.Of(c) is { } work && amount(work) > 0);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
        Rate(WorkAttribute.Of(benchmarkCase) is { } work ? amount(work) : 0, summary[benchmarkCase]?.ResultStatistics?.Median);
}
