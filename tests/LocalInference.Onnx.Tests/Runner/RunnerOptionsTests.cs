using LocalInference.Core.Options;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Runner;

namespace LocalInference.Onnx.Tests.Runner;

public class RunnerOptionsTests
{
    [Fact]
    public void Ctor_Defaults_AreValid()
    {
        var options = new RunnerOptions();
        Assert.Empty(OptionFaults.Of(options));
        Assert.Equal((512, 32, 64), (options.MaxStepTokens, options.MaxSequences, options.BlockTokens));
        Assert.Null(options.KvCacheBytes);
        Assert.Equal(Environment.ProcessorCount, options.ThreadCount);
    }

    [Fact]
    public void CreateRunner_Invalid_ReportsEveryError()
    {
        var options = new RunnerOptions
        {
            MaxStepTokens = 0, MaxSequences = 5000, KvCacheBytes = 0, BlockTokens = 24, Threads = 0, KvType = (KvType)7,
        };
        string message = Assert.Throws<ArgumentException>(() => Testing.TinyR1.Runner(options)).Message;
        Assert.Equal(
            [
                "RunnerOptions:MaxStepTokens: found 0, allowed is 1 to 65536.",
                "RunnerOptions:MaxSequences: found 5000, allowed is 1 to 4096.",
                "RunnerOptions:KvCacheBytes: found 0, allowed is 1 to 9223372036854775807.",
                "RunnerOptions:KvType: found '7', allowed is Float32, Bfloat16, Int16, Int8.",
                "RunnerOptions:Threads: found 0, allowed is 1 to 1024.",
                "RunnerOptions:BlockTokens: found 24, allowed is a multiple of 16.",
            ],
            message.Split(Environment.NewLine));
    }

    [Theory]
    [InlineData(1000, null, KvType.Int16)]
    [InlineData(4000, null, KvType.Float32)]
    [InlineData(1000, KvType.Int8, KvType.Int8)]
    public void KvTypeFor_Weights_FollowsTheirWidthUnlessGiven(int bytes, KvType? given, KvType expected) =>
        Assert.Equal(
            expected, new RunnerOptions { KvType = given }.KvTypeFor(new ModelCost(new WeightCost(bytes, 1000), default, default)));
}
