using System.CommandLine;
using LocalInference.Bench.Tokenization;

namespace LocalInference.Bench.Tests.Tokenization;

public sealed class TextCommandTests
{
    [Theory]
    [InlineData("--rounds 0", "--rounds is '0'; it must be a whole number from 1 to 1000.")]
    [InlineData("--seed x", "--seed is 'x'; it must be a whole number from 0 to 1000000.")]
    [InlineData("--round 3", "Unrecognized command or argument '--round'.")]
    public void Parse_WrongOptions_NameThem(string arguments, string expected) =>
        Assert.Contains(expected, TextCommand.Create().Parse(arguments).Errors.Select(error => error.Message));

    [Fact]
    public async Task Invoke_TinyR1_Succeeds() => Assert.Equal(0, await InvokeAsync("--only tiny-r1 --rounds 1 --json"));

    [Fact]
    public async Task Invoke_NoSuchTokenizer_Fails() => Assert.Equal(1, await InvokeAsync("--only none"));

    [Theory]
    [InlineData("tokenizer.json", "{}")]
    [InlineData("tokenizer.json", "no JSON")]
    [InlineData("tokenizer.json.gz", "no gzip")]
    public async Task Invoke_ABrokenTokenizer_Fails(string file, string content)
    {
        string folder = Directory.CreateTempSubdirectory("bench-text-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "broken")).FullName, file), content);
            Assert.Equal(1, await InvokeAsync($"--tokenizers {folder} --only broken"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Parse_NoOptions_IsFine() => Assert.Empty(TextCommand.Create().Parse("").Errors);

    private static Task<int> InvokeAsync(string arguments) => TextCommand.Create().Parse(arguments)
        .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
}
