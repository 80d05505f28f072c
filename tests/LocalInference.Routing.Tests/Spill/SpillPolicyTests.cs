using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Spill;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Spill;

public sealed class SpillPolicyTests
{
    [Fact]
    public void MaySpill_EveryRefusal_OnlyAFullQueueIsAWantOfRoom() =>
        Assert.Equal(
            [InferenceError.QueueFull],
            Enum.GetValues<InferenceError>().Where(refusal => SpillPolicy.MaySpill(refusal, Requests.Chat(), DataClass.LocalOnly)));

    [Theory]
    [InlineData(null, DataClass.Any, true)]
    [InlineData(null, DataClass.LocalOnly, false)]
    [InlineData(DataClass.Any, DataClass.LocalOnly, true)]
    [InlineData(DataClass.LocalOnly, DataClass.Any, false)]
    public void MaySpill_DataClass_TheRequestsOwnWinsOverTheDefault(DataClass? own, DataClass byDefault, bool expected) =>
        Assert.Equal(expected, SpillPolicy.MaySpill(InferenceError.QueueFull, Requests.Chat() with { DataClass = own }, byDefault));

    [Fact]
    public void MaySpill_ASeed_StaysLocal() => Assert.False(MaySpill(Requests.Chat() with { Sampling = new SamplingOptions { Seed = 0 } }));

    [Fact]
    public void MaySpill_ATokenPrompt_StaysLocal() =>
        Assert.False(MaySpill(Requests.Chat() with { Prompt = new Prompt.Tokens(new[] { 1 }) }));

    [Fact]
    public void MaySpill_TokenOutput_StaysLocal() => Assert.False(MaySpill(Requests.Chat() with { Output = OutputForm.Tokens }));

    [Fact]
    public void MaySpill_ADataClassNobodyKnows_StaysLocal() => Assert.False(MaySpill(Requests.Chat() with { DataClass = (DataClass)77 }));

    [Fact]
    public void MaySpill_AnyRequest_OnlyWhenEveryConditionHolds() =>
        Gen.Select(Requests.AnyRequest, Requests.AnyError, Gen.Enum<DataClass>()).Sample((request, refusal, byDefault) =>
        {
            bool allowed = (request.DataClass ?? byDefault) == DataClass.Any && refusal == InferenceError.QueueFull
                && request.Prompt is Prompt.Chat && request.Output == OutputForm.Parsed && request.Sampling.Seed is null;
            Assert.Equal(allowed, SpillPolicy.MaySpill(refusal, request, byDefault));
        });

    private static bool MaySpill(CompletionRequest request) => SpillPolicy.MaySpill(InferenceError.QueueFull, request, DataClass.LocalOnly);
}
