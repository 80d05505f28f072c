using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace LocalInference.Bench.Kernels;

/// <summary>The micro-benchmarks, and how they are run: in this process, since another would have to be built first.</summary>
internal static class KernelBenchmarks
{
    private static readonly Type[] Types =
        [typeof(ProductBenchmarks), typeof(RowBenchmarks), typeof(AttentionBenchmarks), typeof(ChoiceBenchmarks)];

    /// <summary>Two seconds a benchmark: the whole list takes about two minutes.</summary>
    public static Job Short { get; } =
        Job.Default.WithId("Short").WithWarmupCount(2).WithIterationCount(8).WithIterationTime(TimeInterval.FromMilliseconds(150));

    /// <summary>Every benchmark's method once.</summary>
    public static Job Once { get; } = Job.Dry.WithId("Once");

    /// <summary>Runs the benchmarks whose names match.</summary>
    /// <param name="job">How long.</param>
    /// <param name="filters">Globs, for example <c>*Product*</c>; none for all.</param>
    /// <param name="folder">For the results as Markdown and JSON, and the library's own account.</param>
    /// <exception cref="BenchException">None matches.</exception>
    public static Summary[] Run(Job job, string[] filters, string folder)
    {
        IConfig config = Config(job, filters, folder);
        BenchmarkRunInfo[] found = [.. Types
            .Select(type => BenchmarkConverter.TypeToBenchmarks(type, config))
            .Where(info => info.BenchmarksCases.Length > 0)];
        return found.Length > 0
            ? BenchmarkRunner.Run(found)
            : throw new BenchException(
                $"--filter {string.Join(' ', filters)} matches no benchmark. There are {string.Join(", ", Names())}; "
                + "* stands for any text.");
    }

    private static IEnumerable<string> Names() => Types
        .SelectMany(type => BenchmarkConverter.TypeToBenchmarks(type, ManualConfig.CreateEmpty()).BenchmarksCases)
        .Select(c => $"{c.Descriptor.Type.Name}.{c.Descriptor.WorkloadMethod.Name}")
        .Distinct();

    private static ManualConfig Config(Job job, string[] filters, string folder)
    {
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(job.WithToolchain(InProcessNoEmitToolchain.DontLogOutput).WithEvaluateOverhead(false))
            .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params)
            .AddColumn(StatisticColumn.Median, StatisticColumn.Error, StatisticColumn.Min, RateColumn.MultiplyAdds, RateColumn.Bytes)
            .AddLogger(new KernelLog())
            .AddExporter(MarkdownExporter.GitHub, JsonExporter.Brief)
            // A debug build measures itself; its tests run the list all the same.
            .WithOptions(ConfigOptions.DisableOptimizationsValidator)
            .WithArtifactsPath(folder);
        return filters.Length > 0 ? config.AddFilter(new GlobFilter([.. filters.Select(f => $"*{f.Trim('*')}*")])) : config;
    }
}
