using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LocalInference.Bench.Machine;

/// <summary>How far two processors are from each other: the time for a cache line to go over and come back.</summary>
internal static unsafe class PingPong
{
    private const int Trips = 10_000;
    private const int TripsOfSample = 500;
    private const nuint LineBytes = 64;

    /// <summary>A trip that takes longer has met a processor that does something else.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(0.5);

    /// <returns>The least average of some hundred trips; null where the processors were too busy to tell.</returns>
    public static double? Nanoseconds()
    {
        long* line = (long*)NativeMemory.AlignedAlloc(2 * LineBytes, 2 * LineBytes);
        *line = 0;
        long start = Stopwatch.GetTimestamp();
        var other = new Thread(() =>
        {
            for (int i = 0; i < Trips && Await(line, (2 * i) + 1, start); i++) Volatile.Write(ref *line, (2 * i) + 2);
        });
        other.Start();
        double? best = Send(line, start);
        other.Join();
        NativeMemory.AlignedFree(line);
        return best;
    }

    private static double? Send(long* line, long start)
    {
        double? best = null;
        long since = Stopwatch.GetTimestamp();
        for (int i = 0; i < Trips; i++)
        {
            Volatile.Write(ref *line, (2 * i) + 1);
            if (!Await(line, (2 * i) + 2, start)) return best;
            if (i % TripsOfSample != TripsOfSample - 1) continue;
            best = Math.Min(best ?? double.MaxValue, Stopwatch.GetElapsedTime(since).TotalNanoseconds / TripsOfSample);
            since = Stopwatch.GetTimestamp();
        }
        return best;
    }

    private static bool Await(long* line, long value, long start)
    {
        for (int spins = 1; Volatile.Read(ref *line) != value; spins++)
            if (spins % 1000 == 0 && Stopwatch.GetElapsedTime(start) > Limit)
                return false;
        return true;
    }
}
