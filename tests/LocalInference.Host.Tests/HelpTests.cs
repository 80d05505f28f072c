using LocalInference.Host.Tests.Processes;

namespace LocalInference.Host.Tests;

public sealed class HelpTests
{
    [Fact]
    public async Task Help_OfTheProgram_HasOneLineForEachCommand()
    {
        IReadOnlyList<string> lines = await HelpAsync("--help");
        int first = lines.ToList().IndexOf("Commands:") + 1;
        Assert.Equal(
            ["serve", "generate", "tokenize", "detokenize", "render"],
            lines.Skip(first).Where(line => line.Length > 0).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
    }

    [Fact]
    public async Task Help_OfACommand_HasAllOfItsDescriptionAndOnlyItsOwnSettings()
    {
        string generate = string.Join('\n', await HelpAsync("generate", "--help"));
        Assert.Contains("\"ignore_eos\"", generate);
        Assert.Contains("--Engine:MaxSequences", generate);
        Assert.DoesNotContain("--port", generate);
        Assert.DoesNotContain("--Cloud:", generate);
        Assert.Contains("--port", string.Join('\n', await HelpAsync("serve", "--help")));
    }

    /// <summary>Standard output is for results, which may be read by a program.</summary>
    [Fact]
    public async Task WrongOption_IsToldOnStandardErrorOnly()
    {
        await using HostProcess host = HostProcess.Start(["tokenize", "--model", "x"]);
        (int exitCode, IReadOnlyList<string> output) = await host.FeedAsync([]);
        Assert.Equal((1, ""), (exitCode, string.Concat(output)));
    }

    private static async Task<IReadOnlyList<string>> HelpAsync(params string[] arguments)
    {
        await using HostProcess host = HostProcess.Start(arguments);
        (int exitCode, IReadOnlyList<string> output) = await host.FeedAsync([]);
        Assert.Equal(0, exitCode);
        return output;
    }
}
