using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Measures how fast threads read memory, the way that kernels read weights: streams with software prefetch, each byte once.
/// </summary>
/// <remarks>Not thread-safe. Measured beside other work it says what that work left.</remarks>
public sealed unsafe class ReadBandwidth : IDisposable
{
    /// <summary>Bytes that no usual processor's caches hold.</summary>
    public const long DefaultBytes = 96L << 20;

    private const int LineBytes = 64;
    private const int PageBytes = 4096;

    // As far ahead as the matrix kernels reach; distances from 4.6 to 18 KB were measured alike.
    private const int PrefetchBytes = 9216;

    private readonly NativeBuffer<byte> _buffer;
    private readonly int _threads;
    private readonly TimeProvider _time;
    private long _sink;

    /// <summary>Takes the memory and touches it.</summary>
    /// <param name="threads">Threads that read, the calling one included.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bytes">What is read in a round, by all threads together.</param>
    public ReadBandwidth(int threads, TimeProvider time, long bytes = DefaultBytes)
    {
        _threads = threads;
        _time = time;
        _buffer = new NativeBuffer<byte>((bytes / PageBytes / threads * PageBytes * threads) + PrefetchBytes + LineBytes);
        // Pages come from the system one by one: all threads ask.
        OnAllThreads(slice => new Span<byte>(_buffer.Address + (slice * SliceBytes), checked((int)SliceBytes)).Fill(1));
    }

    private long SliceBytes => (_buffer.Length - PrefetchBytes - LineBytes) / _threads;

    /// <summary>The best of several rounds: interruptions only ever slow one down.</summary>
    /// <returns>Bytes per second.</returns>
    public double Measure(int rounds = 5)
    {
        double best = 0;
        for (int round = 0; round < rounds; round++)
        {
            var starts = new long[_threads];
            var ends = new long[_threads];
            using var together = new Barrier(_threads);
            OnAllThreads(slice =>
            {
                together.SignalAndWait();
                starts[slice] = _time.GetTimestamp();
                Interlocked.Add(ref _sink, Read(_buffer.Address + (slice * SliceBytes), SliceBytes));
                ends[slice] = _time.GetTimestamp();
            });
            best = Math.Max(best, SliceBytes * _threads / _time.GetElapsedTime(starts.Min(), ends.Max()).TotalSeconds);
        }
        return best;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Read(byte* from, long bytes)
    {
        Vector256<long> a = default, b = default, c = default, d = default;
        for (long i = 0; i < bytes; i += 2 * LineBytes)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(from + i + PrefetchBytes);
                Sse.Prefetch0(from + i + PrefetchBytes + LineBytes);
            }
            a |= Vector256.Load((long*)(from + i));
            b |= Vector256.Load((long*)(from + i + 32));
            c |= Vector256.Load((long*)(from + i + 64));
            d |= Vector256.Load((long*)(from + i + 96));
        }
        return (a | b | c | d)[0];
    }

    private void OnAllThreads(Action<int> work)
    {
        Thread[] others = [.. Enumerable.Range(1, _threads - 1).Select(slice => new Thread(() => work(slice)) { IsBackground = true })];
        foreach (Thread thread in others)
            thread.Start();
        work(0);
        foreach (Thread thread in others)
            thread.Join();
    }
}
