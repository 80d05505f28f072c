using LocalInference.Onnx.Runner;

namespace LocalInference.Bench.Machine;

/// <summary>Measures the machine's limits, as often as asked, a fraction of a second each time.</summary>
/// <param name="threads">As many as the engines have.</param>
internal sealed class LimitMeter(int threads) : IDisposable
{
    /// <summary>Larger than what the server itself measures with: here there is time.</summary>
    private const long ReadBytes = 256L << 20;

    private readonly ReadBandwidth _reading = new(threads, TimeProvider.System, ReadBytes);
    private readonly HotKernel? _kernel = HotKernel.IsSupported ? new HotKernel(threads) : null;

    public MachineLimits Measure() => new(_reading.Measure(), _kernel?.Measure(), threads > 1 ? PingPong.Nanoseconds() : null);

    public void Dispose()
    {
        _reading.Dispose();
        _kernel?.Dispose();
    }
}
