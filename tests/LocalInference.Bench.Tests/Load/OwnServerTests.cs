using LocalInference.Bench.Load;

namespace LocalInference.Bench.Tests.Load;

public sealed class OwnServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("own-server").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task StartAsync_AServerThatListens_IsFoundAndStoppedBySigterm()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Needs a shell and SIGTERM.");
        string script = Script(
            """
            echo "building …" >&2
            echo "$@" > "$(dirname "$0")/arguments"
            trap 'echo terminated > "$(dirname "$0")/ended"; exit 0' TERM
            echo "Some banner"
            echo "Listening on http://127.0.0.1:1234"
            while :; do sleep 0.02; done
            """);
        await using (OwnServer server = await OwnServer.StartAsync(script, ["--model", "m"], TestContext.Current.CancellationToken))
            Assert.Equal(new Uri("http://127.0.0.1:1234"), server.Url);
        Assert.Equal("--port 0 --model m\n", File.ReadAllText(Path.Combine(_folder, "arguments")));
        Assert.Equal("terminated\n", File.ReadAllText(Path.Combine(_folder, "ended")));
    }

    [Fact]
    public async Task StartAsync_AServerThatEndsFirst_ShowsItsLastWords()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Needs a shell.");
        string script = Script("echo 'no such model folder' >&2; exit 3");
        BenchException thrown =
            await Assert.ThrowsAsync<BenchException>(() => OwnServer.StartAsync(script, [], TestContext.Current.CancellationToken));
        Assert.Contains("ended with 3", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("no such model folder", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_NoScript_NamesTheWayOut()
    {
        BenchException thrown = await Assert.ThrowsAsync<BenchException>(
            () => OwnServer.StartAsync(Path.Combine(_folder, "serve"), [], TestContext.Current.CancellationToken));
        Assert.Contains("--url", thrown.Message, StringComparison.Ordinal);
    }

    private string Script(string body)
    {
        string path = Path.Combine(_folder, "serve");
        File.WriteAllText(path, "#!/usr/bin/env bash\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
