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
    public async Task Invoke_TinyR1_Succeeds() => Assert.Equal(0, await TextCommand.Create().Parse("--only tiny-r1 --rounds 1 --json").InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public async Task Invoke_NoSuchTokenizer_Fails() =>
        Assert.Equal(1, await TextCommand.Create().Parse("--only none").InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public void Parse_NoOptions_IsFine() => Assert.Empty(TextCommand.Create().Parse("").Errors);
}
