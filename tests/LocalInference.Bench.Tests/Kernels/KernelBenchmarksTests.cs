using BenchmarkDotNet.Reports;
using LocalInference.Bench.Kernels;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Bench.Tests.Kernels;

public sealed class KernelBenchmarksTests
{
    [Fact]
    public void Run_TheWholeListOnce_EveryBenchmarkGivesATime()
    {
        string folder = Directory.CreateTempSubdirectory("bench-kernels-").FullName;
        try
        {
            Summary[] summaries = KernelBenchmarks.Run(KernelBenchmarks.Once, [], folder);
            BenchmarkReport[] reports = [.. summaries.SelectMany(s => s.Reports)];
            int products = KernelPaths.Supported.Count * 5, attention = Enum.GetValues<KvType>().Length * 2;
            // Beside them three things done to rows of two widths, and five ways to choose from two shapes of logits.
            Assert.Equal(products + attention + 6 + 10, reports.Length);
            Assert.All(reports, r => Assert.True(r.Success && r.ResultStatistics!.Median > 0, r.BenchmarkCase.DisplayInfo));
            Assert.NotEmpty(Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Run_PartsOfNames_TakesThoseThatContainOne()
    {
        string folder = Directory.CreateTempSubdirectory("bench-kernels-").FullName;
        try
        {
            Summary[] summaries = KernelBenchmarks.Run(KernelBenchmarks.Once, ["Likeliest", "*choice*greedy"], folder);
            Assert.Equal(
                ["Greedy", "Likeliest50"],
                summaries.SelectMany(s => s.BenchmarksCases).Select(c => c.Descriptor.WorkloadMethod.Name).Distinct()
                    .Order(StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Run_NothingMatches_NamesWhatThereIs()
    {
        BenchException thrown = Assert.Throws<BenchException>(() => KernelBenchmarks.Run(KernelBenchmarks.Once, ["Softmax"], "nowhere"));
        Assert.StartsWith("--filter Softmax matches no benchmark. There are ProductBenchmarks.Product, RowBenchmarks.", thrown.Message);
        Assert.False(Directory.Exists("nowhere"));
    }
}
