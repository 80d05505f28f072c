using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Completions;
using LocalInference.Engine.Scheduling;

namespace LocalInference.Engine.Tests.Completions;

public sealed class TokenChannelTests
{
    private int _released;

    [Fact]
    public async Task Write_UpToTheRequestsOwnLimit_NeverWaitsForTheReader()
    {
        TokenChannel channel = new(Lease(maxTokens: 3));
        for (int i = 0; i < 3; i++) channel.Write(new GeneratedToken(i, i == 2 ? TokenEnd.Limit : TokenEnd.None));
        Assert.Throws<InvalidOperationException>(() => channel.Write(new GeneratedToken(3, TokenEnd.None)));
        channel.Close(failure: null);
        List<int> read = [];
        while (await channel.WaitAsync(TestContext.Current.CancellationToken))
            while (channel.TryRead(out GeneratedToken token)) read.Add(token.Id);
        Assert.Equal([0, 1, 2], read);
    }

    [Fact]
    public void LetGo_ByBothSides_GivesThePlaceBackWithTheSecond()
    {
        TokenChannel engineFirst = new(Lease(1)), readerFirst = new(Lease(1));
        engineFirst.Close(failure: null);
        readerFirst.LetGo();
        Assert.Equal(0, _released);
        engineFirst.LetGo();
        Assert.Equal(1, _released);
        readerFirst.Close(failure: null);
        Assert.Equal(2, _released);
    }

    [Fact]
    public async Task Close_WithAFailure_IsKnownAfterTheTokensBeforeIt()
    {
        TokenChannel channel = new(Lease(2));
        InferenceFailure failure = new(InferenceError.EngineFailed, "scripted");
        channel.Write(new GeneratedToken(7, TokenEnd.None));
        channel.Close(failure);
        Assert.True(await channel.WaitAsync(TestContext.Current.CancellationToken));
        Assert.True(channel.TryRead(out _));
        Assert.False(await channel.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Same(failure, channel.Failure);
    }

    private AdmissionLease Lease(int maxTokens) => new(
        EngineRig.Request(), new EncodedPrompt(new[] { 1 }, OpensReasoning: false), SamplingParameters.Greedy, maxTokens, () => _released++);
}
