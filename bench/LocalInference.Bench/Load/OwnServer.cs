using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LocalInference.Bench.Load;

/// <summary>This checkout's server, started on a free port and stopped the way a supervisor would.</summary>
internal sealed class OwnServer : IAsyncDisposable
{
    private const string Ready = "Listening on ";
    private const int KeptLines = 20;
    private const int Sigterm = 15;

    /// <summary>Longer than any drain of requests that have already been answered; a server that still runs then hangs.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private OwnServer(Process process) => _process = process;

    public Uri Url { get; private set; } = null!;

    /// <summary>Builds the server if need be, starts it, and waits until it says that it is ready.</summary>
    /// <param name="script">Path of <c>scripts/serve</c>.</param>
    /// <param name="arguments">Further arguments for it.</param>
    /// <param name="cancellationToken">Stops waiting, and the server.</param>
    /// <exception cref="BenchException">It ended first; the message carries its last words.</exception>
    public static async Task<OwnServer> StartAsync(string script, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        if (!File.Exists(script))
            throw new BenchException($"'{script}' is missing: run from a whole checkout, or name a running server with --url.");
        ProcessStartInfo start = new(script, ["--port", "0", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        OwnServer server = new(Process.Start(start) ?? throw new BenchException($"'{script}' could not be started."));
        try
        {
            server.Url = await server.ListeningAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _ = Kill(_process.Id, Sigterm);
        using CancellationTokenSource limit = new(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"The server still runs {StopLimit.TotalSeconds} s after SIGTERM; it is killed.");
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private async Task<Uri> ListeningAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // Both pipes are read to their end: a full one would stop the server.
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.OutputDataReceived += (_, e) =>
        {
            Keep(e.Data);
            if (e.Data?.StartsWith(Ready, StringComparison.Ordinal) == true
                && Uri.TryCreate(e.Data[Ready.Length..].Trim(), UriKind.Absolute, out Uri? url))
                listening.TrySetResult(url);
        };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await await Task.WhenAny(listening.Task, _process.WaitForExitAsync(cancellationToken));
        return listening.Task.IsCompletedSuccessfully
            ? await listening.Task
            : throw new BenchException(
                $"The server ended with {_process.ExitCode} before it was ready. Its last words:{Environment.NewLine}"
                + string.Join(Environment.NewLine, _lines));
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        while (_lines.Count > KeptLines) _lines.TryDequeue(out _);
    }

    // .NET can kill a process, but not ask it to stop.
    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
