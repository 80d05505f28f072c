using LocalInference.Core.Completions;

namespace LocalInference.Core.Tests.Completions;

public sealed class WireNamesTests
{
    [Fact]
    public void WireName_EveryFinishReason_IsOpenAIs() =>
        Assert.Equal(
            ["stop", "length", "tool_calls", "content_filter"], Enum.GetValues<FinishReason>().Select(reason => reason.WireName()));

    [Fact]
    public void FindFinishReason_EveryName_IsFoundAgain() =>
        Assert.All(Enum.GetValues<FinishReason>(), reason => Assert.Equal(reason, WireNames.FindFinishReason(reason.WireName())));

    [Theory]
    [InlineData("")]
    [InlineData("Stop")]
    [InlineData("insufficient_system_resource")]
    public void FindFinishReason_AnotherName_IsNone(string name) => Assert.Null(WireNames.FindFinishReason(name));

    [Fact]
    public void WireName_EverySide_HasItsOwn() =>
        Assert.Equal(["local", "cloud"], Enum.GetValues<ServedBy>().Select(side => side.WireName()));
}
