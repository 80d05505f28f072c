using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Spill;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Spill;

public sealed class SpillPolicyTests
{
    [Fact]
    public void Judge_FullAndAllowed_Spills() =>
        Assert.Equal(SpillVerdict.Spill, SpillPolicy.Judge(InferenceError.QueueFull, Requests.Chat(), DataClass.LocalOnly));

    [Theory]
    [InlineData(InferenceError.NotReady)]
    [InlineData(InferenceError.Draining)]
    [InlineData(InferenceError.PromptTooLong)]
    [InlineData(InferenceError.PromptRejected)]
    [InlineData(InferenceError.InvalidRequest)]
    public void Judge_RefusedForAnotherReason_TheRefusalStands(InferenceError refusal) =>
        Assert.Equal(SpillVerdict.NotForWantOfRoom, SpillPolicy.Judge(refusal, Requests.Chat(), DataClass.Any));

    [Theory]
    [InlineData(null, DataClass.Any, SpillVerdict.Spill)]
    [InlineData(null, DataClass.LocalOnly, SpillVerdict.LocalOnly)]
    [InlineData(DataClass.Any, DataClass.LocalOnly, SpillVerdict.Spill)]
    [InlineData(DataClass.LocalOnly, DataClass.Any, SpillVerdict.LocalOnly)]
    internal void Judge_DataClass_TheRequestsOwnWinsOverTheDefault(DataClass? own, DataClass byDefault, SpillVerdict expected) =>
        Assert.Equal(expected, SpillPolicy.Judge(InferenceError.QueueFull, Requests.Chat() with { DataClass = own }, byDefault));

    [Fact]
    public void Judge_ASeed_StaysLocal() =>
        Assert.Equal(SpillVerdict.BoundToLocalModel, JudgeFull(Requests.Chat() with { Sampling = new SamplingOptions { Seed = 0 } }));

    [Fact]
    public void Judge_ATokenPrompt_StaysLocal() =>
        Assert.Equal(SpillVerdict.BoundToLocalModel, JudgeFull(Requests.Chat() with { Prompt = new Prompt.Tokens(new[] { 1 }) }));

    [Fact]
    public void Judge_TokenOutput_StaysLocal() =>
        Assert.Equal(SpillVerdict.BoundToLocalModel, JudgeFull(Requests.Chat() with { Output = OutputForm.Tokens }));

    [Fact]
    public void Judge_ADataClassNobodyKnows_StaysLocal() =>
        Assert.Equal(SpillVerdict.LocalOnly, JudgeFull(Requests.Chat() with { DataClass = (DataClass)77 }));

    [Fact]
    public void Judge_AnyRequest_SpillsOnlyWhenEveryConditionHolds() =>
        Gen.Select(Requests.AnyRequest, Requests.AnyError, Gen.Enum<DataClass>()).Sample((request, refusal, byDefault) =>
        {
            bool allowed = (request.DataClass ?? byDefault) == DataClass.Any && refusal == InferenceError.QueueFull
                && request.Prompt is Prompt.Chat && request.Output == OutputForm.Parsed && request.Sampling.Seed is null;
            Assert.Equal(allowed, SpillPolicy.Judge(refusal, request, byDefault) == SpillVerdict.Spill);
        });

    private static SpillVerdict JudgeFull(CompletionRequest request) => SpillPolicy.Judge(InferenceError.QueueFull, request, DataClass.LocalOnly);
}
