using LocalInference.Onnx.Runner;

namespace LocalInference.Onnx.Tests.Runner;

public class ReadBandwidthTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Measure_AnyThreads_IsASpeedThatMemoriesHave(int threads)
    {
        using var reading = new ReadBandwidth(threads, TimeProvider.System, 8 << 20);
        // From a very busy machine to a very large one.
        Assert.InRange(reading.Measure(rounds: 3), 1e7, 1e13);
    }
}
