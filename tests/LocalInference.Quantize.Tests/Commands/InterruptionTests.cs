using System.CommandLine;
using System.Diagnostics;
using LocalInference.Quantize.Commands;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Commands;

public sealed class InterruptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Convert_CancelledBetweenWrites_EndsWithOneAndLeavesNothing()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        // The first write that has some of the weights behind it interrupts, as Ctrl-C would.
        var disk = new FullDisk(1L << 40, takesRoomAtOnce: false) { OnWrite = free => Cancel(cancel, free) };
        var error = new StringWriter();
        int code = await CommandLine.Parse(disk, "--random", "tiny-llama", _folder.In("out"))
            .InvokeAsync(new() { Output = TextWriter.Null, Error = TextWriter.Synchronized(error) }, cancel.Token);
        Assert.Equal(1, code);
        Assert.Contains("Interrupted", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Program_Signalled_EndsWithOneAndLeavesNothing(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signals are sent with kill.");
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        // Large enough to be still at work when the signal comes: its half-written folder shows that it is.
        using Process program = Start("--random", "DeepSeek-R1-Distill-Qwen-1.5B", _folder.In("out"), "--method", "mse");
        Task<string> error = program.StandardError.ReadToEndAsync(cancelled);
        while (!Directory.EnumerateFiles(_folder.Path, "model.onnx.data", SearchOption.AllDirectories).Any())
        {
            Assert.False(program.HasExited, "The program ended by itself.");
            await Task.Yield();
        }
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{program.Id}"]))
            await kill.WaitForExitAsync(cancelled);
        await program.WaitForExitAsync(cancelled);
        Assert.Contains("Interrupted", await error, StringComparison.Ordinal);
        Assert.Equal(1, program.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Program_Killed_IsClearedAwayByTheNextRun()
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        using (Process program = Start("--random", "DeepSeek-R1-Distill-Qwen-1.5B", _folder.In("out"), "--method", "mse"))
        {
            while (!Directory.EnumerateFiles(_folder.Path, "model.onnx.data", SearchOption.AllDirectories).Any())
            {
                Assert.False(program.HasExited, "The program ended by itself.");
                await Task.Yield();
            }
            // While it lives, nobody else writes there.
            Assert.Contains("is being written by another process now", Cli.Run("--random", "tiny-llama", _folder.In("out")).Error,
                StringComparison.Ordinal);
            program.Kill();
            await program.WaitForExitAsync(cancelled);
        }
        string left = Assert.Single(Directory.EnumerateDirectories(_folder.Path));
        Cli run = Cli.Run("--random", "tiny-llama", _folder.In("out")).Succeeded();
        Assert.Contains($"{left}: removed, left behind by a run that was killed.", run.Error, StringComparison.Ordinal);
        Assert.Equal([_folder.In("out")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static void Cancel(CancellationTokenSource cancel, long free)
    {
        if (free < (1L << 40) - 100_000)
            cancel.Cancel();
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, .. arguments])
    {
        RedirectStandardError = true, RedirectStandardOutput = true,
    })!;
}
