using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests;

public class OnnxModelTests
{
    [Fact]
    public void Load_TinyR1_DescribesTheModel()
    {
        OnnxModel model = TinyR1.Load();
        Assert.Equal("tiny-r1", model.Served.Id);
        Assert.Equal((4096, 2048), (model.Served.ContextTokens, model.Served.VocabularySize));
        Assert.Equal([2032], model.Served.EndTokenIds);
        Assert.Equal((2035, 4, 4, 2, 64), (model.BeginTokenId, model.LayerCount, model.HeadCount, model.KvHeadCount, model.HeadSize));
        Assert.Equal(File.GetLastWriteTimeUtc(Path.Combine(Repository.TinyR1, "model.onnx")), model.Served.Created.UtcDateTime);
    }

    [Fact]
    public void Load_OtherDevice_SaysWhatIsAllowed()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions { Device = "tpu" }, NullLogger.Instance));
        Assert.Contains("The device 'tpu' is not known; allowed: 'auto', 'cpu', 'webgpu', 'cuda'.", refusal.Message);
    }

    [Fact]
    public void Load_OldBuilder_LogsTheAccuracyLevel()
    {
        var logger = new ListLogger();
        OnnxModel.Load(ReferenceData.PathOf("onnx", "qwen2-int4-cpu-genai-0.5.2"), new OnnxModelOptions(), logger);
        Assert.Contains(
            logger.Lines, l => l.StartsWith("16 matrix products of", StringComparison.Ordinal) && l.Contains("they run at level 4"));
    }

    [Fact]
    public void CreateRunner_OnnxRuntimeRefusesTheGraph_SaysWhichFileAndWhy()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyOf(Repository.TinyR1);
        DecoderGraph graph = Graphs.TinyR1();
        graph.Proto.Node.First(n => n.OpType == "MatMulNBits").Attribute("block_size")!.I = 7;
        File.WriteAllBytes(Path.Combine(folder.Path, "model.onnx"), graph.Model.ToByteArray());
        OnnxModel model = OnnxModel.Load(folder.Path, new OnnxModelOptions(), NullLogger.Instance);
        ModelFolderException refusal = Assert.Throws<ModelFolderException>(() => model.CreateRunner(new RunnerOptions()));
        Assert.Contains("model.onnx: ONNX Runtime cannot load the graph (", refusal.Message);
        Assert.Contains("block_size", refusal.Message);
    }

    [Fact]
    public void CreateRunner_CacheTooSmall_IsRefused() =>
        Assert.Contains("one full context of 4096 tokens takes 8650752 bytes", Assert.Throws<ArgumentException>(
            () => TinyR1.Load().CreateRunner(new RunnerOptions { KvCacheBytes = 1000 })).Message);

    [Theory]
    [InlineData("qwen2-int4-cpu", null, "Int16")]
    [InlineData("qwen2-int8-cpu", null, "Int16")]
    [InlineData("qwen2-fp32-cpu", null, "Float32")]
    [InlineData("qwen2-fp32-cpu", KvType.Int8, "Int8")]
    public void CreateRunner_CacheType_FollowsTheWeightsUnlessGiven(string folder, KvType? given, string expected)
    {
        var logger = new ListLogger();
        OnnxModel model = OnnxModel.Load(ReferenceData.PathOf("onnx", folder), new OnnxModelOptions(), logger);
        model.CreateRunner(new RunnerOptions { KvType = given }).Dispose();
        Assert.Contains(logger.Lines, l => l.Contains($" bytes, {expected})", StringComparison.Ordinal));
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
