using System.Diagnostics;
using System.Text;
using LocalInference.Testing;

namespace LocalInference.Host.Tests.Processes;

/// <summary>The built program as a process of its own, as a user runs it. Killed with the test that made it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _output = [];

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Line(e.Data);
        process.ErrorDataReceived += (_, e) => { lock (_errors) _errors.AppendLine(e.Data); };
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>The program's own path: the test's output folder with the program's name in the test's place.</summary>
    public static string Program { get; } = Path.Combine(
        Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!.Replace("LocalInference.Host.Tests", "LocalInference.Host"),
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
        "LocalInference.Host.dll");

    /// <summary>Starts the server on a free port and waits until it says that it listens.</summary>
    public static async Task<HostProcess> ServeAsync(params string[] arguments)
    {
        HostProcess host = Start(["serve", "--model", Repository.TinyR1, "--port", "0", .. arguments]);
        await host.Listening;
        return host;
    }

    public static HostProcess Start(string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new("dotnet", [Program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new HostProcess(new Process { StartInfo = start });
    }

    /// <summary>Where it listens; faults with the program's own words when it ends first.</summary>
    public Task<Uri> Listening => _listening.Task;

    public Uri Url => _listening.Task.Result;

    public string Errors { get { lock (_errors) return _errors.ToString(); } }

    public IReadOnlyList<string> Output { get { lock (_output) return [.. _output]; } }

    /// <summary>Writes lines to the program's standard input, closes it, and gives its output lines and exit code.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Output)> FeedAsync(IEnumerable<string> lines)
    {
        foreach (string line in lines) await _process.StandardInput.WriteLineAsync(line);
        _process.StandardInput.Close();
        return (await ExitAsync(), Output);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, as a supervisor sends it.</summary>
    public void Terminate() => Process.Start("kill", ["-TERM", $"{_process.Id}"]).WaitForExit();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Line(string? line)
    {
        const string Announcement = "Listening on ";
        if (line is null)
            _listening.TrySetException(new InvalidOperationException($"The server ended before it listened: {Errors}"));
        else if (line.StartsWith(Announcement, StringComparison.Ordinal))
            _listening.TrySetResult(new Uri(line[Announcement.Length..]));
        lock (_output)
            if (line is not null) _output.Add(line);
    }
}
