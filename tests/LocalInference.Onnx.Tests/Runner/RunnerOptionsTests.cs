using System.ComponentModel.DataAnnotations;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Runner;

namespace LocalInference.Onnx.Tests.Runner;

public class RunnerOptionsTests
{
    [Fact]
    public void Ctor_Defaults_AreValid()
    {
        var options = new RunnerOptions();
        options.Validate();
        Assert.Equal((512, 32, 64), (options.MaxStepTokens, options.MaxSequences, options.BlockTokens));
        Assert.Null(options.KvCacheBytes);
        Assert.Null(options.Threads);
    }

    [Fact]
    public void Validate_Invalid_ReportsEveryError()
    {
        var options = new RunnerOptions { MaxStepTokens = 0, MaxSequences = 5000, KvCacheBytes = 0, BlockTokens = 24, Threads = 0, KvType = (KvType)7 };
        string message = Assert.Throws<ValidationException>(options.Validate).Message;
        foreach (string expected in (string[])["MaxStepTokens", "MaxSequences", "KvCacheBytes", "BlockTokens is 24; allowed: a multiple of 16", "KvType is 7; allowed: Float32, Bfloat16, Int16, Int8", "Threads"])
            Assert.Contains(expected, message);
    }
}
