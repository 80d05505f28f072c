using System.CommandLine;
using System.Text.RegularExpressions;
using LocalInference.Testing;

namespace LocalInference.Bench.Tests;

public sealed partial class CommandsTests
{
    /// <summary>Standard output is for results, which may be read by a program.</summary>
    [Theory]
    [InlineData("load --concurency 1")]
    [InlineData("loda")]
    [InlineData("text --rounds 0")]
    [InlineData("step")]
    [InlineData("kernels --rows 2")]
    public async Task WrongCommandLine_IsToldOnStandardErrorOnly(string arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await Commands.Parse(arguments.Split(' '))
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        Assert.Equal((1, ""), (code, output.ToString()));
        Assert.NotEqual("", error.ToString());
    }

    [Fact]
    public void Parse_BehindTwoDashes_IsTheServers() =>
        Assert.Empty(Commands.Parse("load", "--requests", "1", "--", "--Engine:MaxSequences", "4").Errors);

    [Fact]
    public void Readme_EveryCommandOfThisTool_Parses()
    {
        MatchCollection commands = Lines().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Empty(Commands.Parse(command.Groups[1].Value.Split(' ')).Errors));
    }

    [Fact]
    public void Script_EveryOptionInItsHead_Exists()
    {
        RootCommand root = (RootCommand)Commands.Parse().RootCommandResult.Command;
        MatchCollection lines = Lines().Matches(File.ReadAllText(Path.Combine(Repository.Root, "scripts", "bench")));
        Assert.Equal(root.Subcommands.Select(c => c.Name), lines.Select(l => l.Groups[1].Value.Split(' ')[0]).Distinct());
        foreach (Match line in lines)
        {
            Command command = root.Subcommands.Single(c => c.Name == line.Groups[1].Value.Split(' ')[0]);
            string[] known = [.. command.Options.Concat(root.Options).Select(o => o.Name)];
            Assert.All(Options().Matches(line.Value), option => Assert.Contains(option.Value, known));
        }
    }

    [GeneratedRegex(@"\./scripts/bench ([^`\n]+)")]
    private static partial Regex Lines();

    [GeneratedRegex(@"--[a-z][a-z-]*")]
    private static partial Regex Options();
}
