using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Hosting;

namespace LocalInference.Tests.Hosting;

public sealed class PatientAdmissionTests
{
    private static readonly CompletionRequest Request = new() { Id = "r", Prompt = new Prompt.Tokens(new[] { 1 }) };

    [Fact]
    public async Task AdmitWhenFree_FullAtFirst_WaitsForThePlace()
    {
        Door door = new(InferenceError.QueueFull, InferenceError.QueueFull);
        (AdmissionLease? lease, InferenceFailure? refusal) = await door.AdmitWhenFreeAsync(Request, TestContext.Current.CancellationToken);
        Assert.Same(Request, lease?.Request);
        Assert.Null(refusal);
        Assert.Equal(3, door.Asked);
    }

    [Theory]
    [InlineData(InferenceError.PromptTooLong)]
    [InlineData(InferenceError.Draining)]
    public async Task AdmitWhenFree_RefusedForAnotherReason_SaysSoAtOnce(InferenceError error)
    {
        Door door = new(error);
        (AdmissionLease? lease, InferenceFailure? refusal) = await door.AdmitWhenFreeAsync(Request, TestContext.Current.CancellationToken);
        Assert.Null(lease);
        Assert.Equal((error, 1), (refusal?.Error, door.Asked));
    }

    [Fact]
    public async Task AdmitWhenFree_GivenUp_Ends()
    {
        using CancellationTokenSource gone = new();
        Door door = new([.. Enumerable.Repeat(InferenceError.QueueFull, 100_000)]) { OnAsked = asked => { if (asked == 2) gone.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => door.AdmitWhenFreeAsync(Request, gone.Token));
        Assert.Equal(2, door.Asked);
    }

    /// <summary>Refuses as scripted, then admits.</summary>
    private sealed class Door(params InferenceError[] refusals) : IAdmission
    {
        public int Asked { get; private set; }

        public Action<int> OnAsked { get; init; } = _ => { };

        public bool TryAdmit(
            CompletionRequest request, [NotNullWhen(true)] out AdmissionLease? lease, [NotNullWhen(false)] out InferenceFailure? refusal)
        {
            OnAsked(++Asked);
            bool isRefused = Asked <= refusals.Length;
            lease = isRefused ? null : new AdmissionLease(request, new EncodedPrompt(new[] { 1 }, OpensReasoning: false), SamplingParameters.Greedy, 1, () => { });
            refusal = isRefused ? new InferenceFailure(refusals[Asked - 1], "No.") : null;
            return !isRefused;
        }
    }
}
