using LocalInference.Core.Execution;
using LocalInference.Onnx.Diagnostics;
using LocalInference.Onnx.Graph;
using Microsoft.Extensions.Logging;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Tells at start what decoding alone could reach here, by the bytes that a token reads and the speed at which memory gives them, and what
/// it does reach: a server that is slow can be seen to be slow by its memory or by itself. Takes about a tenth of a second, and the time of
/// a few steps.
/// </summary>
internal static class CostReport
{
    private const int Steps = 3;

    /// <summary>
    /// Measures and logs. Nothing is measured where nobody listens, nor where caches may hold the weights, since memory is no limit there.
    /// </summary>
    /// <param name="runner">Fresh, its kernels run before; what is left in its cache means nothing.</param>
    /// <param name="id">The model's name.</param>
    /// <param name="cost">The model's.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told.</param>
    public static void Write(IModelRunner runner, string id, ModelCost cost, int threads, TimeProvider time, ILogger logger)
    {
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        long cacheBytes = runner.Capabilities.Kv.BytesPerToken;
        if (cost.WeightBytes < ReadBandwidth.DefaultBytes)
        {
            logger.CostWithoutLimit(id, cost.WeightBytes, cacheBytes);
            return;
        }
        using var reading = new ReadBandwidth(threads, time);
        double bytesPerSecond = reading.Measure(), limit = bytesPerSecond / cost.WeightBytes;
        double reached = 1 / BestDecode(runner, time).TotalSeconds;
        logger.Cost(id, cost.WeightBytes, cacheBytes, threads, bytesPerSecond / 1e9, limit, reached, reached / limit);
    }

    private static TimeSpan BestDecode(IModelRunner runner, TimeProvider time)
    {
        var batch = new StepBatch(maxTokens: 1, maxSequences: 1, maxBlocks: 1);
        batch.Add([0], 0, [0]);
        batch.Want(new OutputRow(0, RowWant.Greedy));
        TimeSpan best = TimeSpan.MaxValue;
        for (int step = 0; step < Steps; step++)
        {
            long start = time.GetTimestamp();
            runner.Submit(batch);
            runner.Complete();
            TimeSpan taken = time.GetElapsedTime(start);
            best = taken < best ? taken : best;
        }
        return best;
    }
}
