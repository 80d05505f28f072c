namespace LocalInference.Bench.Load;

/// <summary>What small requests beside the load took.</summary>
/// <param name="Count">Requests.</param>
/// <param name="Failed">Those that were not answered with success; they have no part in the times.</param>
/// <param name="Ms">From sending to the whole answer.</param>
internal sealed record ProbeResult(int Count, int Failed, Percentiles Ms);

/// <summary>
/// Asks a server for its models while it works: whether those who compute leave it the time to answer. Asks at a steady pace, whether or
/// not earlier answers are there, since waiting for them would leave out the very moments in which the server does not answer.
/// </summary>
internal static class ServerProbe
{
    /// <summary>Often enough for a p99 within half a minute, too seldom to be a load.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until a level ends, and waits for the last answers.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="level">The level.</param>
    /// <param name="cancellationToken">Ends without a result.</param>
    public static async Task<ProbeResult> WhileAsync(ChatClient client, Task level, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Interval);
        List<Task<TimeSpan?>> asked = [client.PingAsync(cancellationToken)];
        while (await timer.WaitForNextTickAsync(cancellationToken) && !level.IsCompleted) asked.Add(client.PingAsync(cancellationToken));
        TimeSpan?[] times = await Task.WhenAll(asked);
        return new ProbeResult(times.Length, times.Count(t => t is null), Percentiles.Of(times.OfType<TimeSpan>()));
    }
}
