using System.CommandLine;
using System.Diagnostics;
using LocalInference.Bench.Load;
using LocalInference.Bench.Tests.Testing;

namespace LocalInference.Bench.Tests.Load;

public sealed class LoadCommandTests
{
    [Theory]
    [InlineData("--concurrency 0", "--concurrency is '0'; it must be a whole number from 1 to 1024.")]
    [InlineData("--concurrency 1,,2", "--concurrency is ''; it must be a whole number from 1 to 1024.")]
    [InlineData("--concurrency 1,2000", "--concurrency is '2000'; it must be a whole number from 1 to 1024.")]
    [InlineData("--requests -1", "--requests is '-1'; it must be a whole number from 1 to 100000.")]
    [InlineData("--output-tokens many", "--output-tokens is 'many'; it must be a whole number from 1 to 1000000.")]
    [InlineData("--seed x", "--seed is 'x'; it must be a whole number from -2147483648 to 2147483647.")]
    [InlineData("--url ftp://x", "--url is 'ftp://x'; it must be an http or https address, for example http://127.0.0.1:8000.")]
    public void Parse_AValueOutOfRange_NamesFoundAndAllowed(string arguments, string expected) =>
        Assert.Equal([expected], Parse(arguments).Errors.Select(e => e.Message));

    [Fact]
    public void Parse_AMisspeltOption_IsAnError() => Assert.NotEmpty(Parse("--concurency 1").Errors);

    [Fact]
    public async Task Invoke_AgainstAServer_SucceedsAndRunsEveryLevel()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        Assert.Equal(0, await InvokeAsync($"--url {server.Url} --concurrency 1,3 --requests 4 --output-tokens 2 --prompt-tokens 50"));
        Assert.Equal(2 + 4 + 4, server.Requests.Count);
    }

    [Fact]
    public async Task Invoke_AFailedRequest_IsExitCodeOne()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        int asked = 0;
        server.Instead = (context, _) =>
        {
            bool fails = Interlocked.Increment(ref asked) == 5;
            if (fails) context.Response.StatusCode = 429;
            return Task.FromResult(fails);
        };
        Assert.Equal(1, await InvokeAsync($"--url {server.Url} --concurrency 2 --requests 6 --json"));
    }

    [Fact]
    public async Task Program_Interrupted_ShowsTheLevelsThatHadEnded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signals are sent with kill.");
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        await using FakeServer server = await FakeServer.StartAsync();
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously), over = new();
        server.Gate = () =>
        {
            // Two measure the words, two are the first level; the second level is never answered.
            if (server.Requests.Count <= 4) return Task.CompletedTask;
            reached.TrySetResult();
            return over.Task;
        };
        string[] arguments = ["load", "--url", $"{server.Url}", "--concurrency", "1,2", "--requests", "2", "--json"];
        ProcessStartInfo start = new("dotnet", [typeof(LoadCommand).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process program = Process.Start(start)!;
        Task<string> output = program.StandardOutput.ReadToEndAsync(cancelled), error = program.StandardError.ReadToEndAsync(cancelled);
        await Task.WhenAny(reached.Task, program.WaitForExitAsync(cancelled));
        using (Process kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
            await kill.WaitForExitAsync(cancelled);
        await program.WaitForExitAsync(cancelled);
        over.SetResult();
        Assert.Equal(130, program.ExitCode);
        string line = Assert.Single((await output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("""{"concurrency":1,"requests":2,"failed":0,""", line);
        Assert.EndsWith("Interrupted; the levels that had ended stand above.\n", await error);
    }

    [Fact]
    public async Task Invoke_AFailedProbe_IsExitCodeOne()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        server.ModelsStatus = 503;
        Assert.Equal(1, await InvokeAsync($"--url {server.Url} --model fake --concurrency 1 --requests 1 --probe --json"));
        Assert.Equal(0, await InvokeAsync($"--url {server.Url} --model fake --concurrency 1 --requests 1 --json"));
    }

    [Fact]
    public async Task Invoke_ServerArgumentsForARunningServer_IsRefused()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        Command command = LoadCommand.Create(["--Engine:MaxSequences", "4"]);
        Assert.Equal(1, await command.Parse($"--url {server.Url}").InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Invoke_AKeyVariableThatIsNotSet_IsRefused()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        Assert.Equal(1, await InvokeAsync($"--url {server.Url} --api-key-variable BENCH_TESTS_NO_SUCH_VARIABLE"));
        Assert.Empty(server.Requests);
    }

    private static ParseResult Parse(string arguments) => LoadCommand.Create([]).Parse(arguments);

    private static Task<int> InvokeAsync(string arguments) =>
        Parse(arguments).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
}
