using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Completions;

public sealed class AdmissionTests
{
    [Fact]
    public async Task TryAdmit_BeforeStartAndAfterStop_IsRefusedByPhase()
    {
        await using EngineRig rig = new();
        Assert.Equal(InferenceError.NotReady, rig.Refuse(EngineRig.Request()).Error);
        rig.Started();
        rig.Admit(EngineRig.Request()).Dispose();
        await rig.Engine.StopAsync(TimeSpan.Zero);
        Assert.Equal(InferenceError.Draining, rig.Refuse(EngineRig.Request()).Error);
    }

    [Fact]
    public async Task TryAdmit_Chat_DecidesEverything()
    {
        await using EngineRig rig = new EngineRig().Started();
        using AdmissionLease lease = rig.Admit(
            EngineRig.Request("hello", maxTokens: null) with { Sampling = new SamplingOptions { Temperature = 0.5, TopK = 7 } });
        Assert.Equal([.. "hello".Select(c => c % 97)], lease.Prompt.Ids.ToArray());
        Assert.Equal(256 - 5, lease.MaxTokens);
        Assert.Equal(new SamplingParameters(0.5, TopP: 1, TopK: 7, MinP: 0, Seed: 4711), lease.Sampling);
        Assert.Equal(5, rig.Metrics["prompt_tokens"]);
        using AdmissionLease seeded = rig.Admit(EngineRig.Request() with { Sampling = new SamplingOptions { Seed = 8 } });
        Assert.Equal(8, seeded.Sampling.Seed);
    }

    [Fact]
    public async Task TryAdmit_RejectedByTheTemplate_SaysItsWordsAndTakesNoPlace()
    {
        await using EngineRig rig = new EngineRig().Started();
        InferenceFailure refusal = rig.Refuse(EngineRig.Request(ScriptedModelText.Rejected));
        Assert.Equal((InferenceError.PromptRejected, ScriptedModelText.Rejected), (refusal.Error, refusal.Message));
        Assert.Equal(0, rig.Load.TakenPlaces);
    }

    [Theory]
    [InlineData(255, 1, null, null)]
    [InlineData(255, null, null, null)]
    [InlineData(256, null, "prompt has 256 tokens, max_tokens is not set, and the context holds 256", "messages")]
    [InlineData(300, 5, "prompt has 300 tokens, max_tokens is 5, and the context holds 256", "messages")]
    [InlineData(200, 57, "prompt has 200 tokens, max_tokens is 57, and the context holds 256 tokens for prompt and answer together: shorten the prompt, or ask for at most 56 tokens.", "max_tokens")]
    public async Task TryAdmit_PromptAndAnswerAgainstTheContext_FitOrAreRefusedWithTheNumbers(
        int prompt, int? max, string? message, string? parameter)
    {
        await using EngineRig rig = new EngineRig().Started();
        CompletionRequest request = EngineRig.Request(new string('x', prompt), max);
        if (message is null)
        {
            using AdmissionLease lease = rig.Admit(request);
            Assert.Equal(1, lease.MaxTokens);
            return;
        }
        InferenceFailure refusal = rig.Refuse(request);
        Assert.Equal((InferenceError.PromptTooLong, parameter), (refusal.Error, refusal.Parameter));
        Assert.Contains(message, refusal.Message);
    }

    [Theory]
    [InlineData(new[] { 1, 97 }, new int[0], "prompt", "97")]
    [InlineData(new[] { -1 }, new int[0], "prompt", "-1")]
    [InlineData(new int[0], new int[0], "prompt", "no tokens")]
    [InlineData(new[] { 1 }, new[] { 5, 1000 }, "stop_token_ids", "1000")]
    public async Task TryAdmit_IdsOutsideTheVocabulary_AreRefusedByName(int[] prompt, int[] stop, string parameter, string found)
    {
        await using EngineRig rig = new EngineRig().Started();
        InferenceFailure refusal = rig.Refuse(new CompletionRequest
        {
            Id = "r", Prompt = new Prompt.Tokens(prompt), Stop = new StopConditions { TokenIds = stop },
        });
        Assert.Equal((InferenceError.InvalidRequest, parameter), (refusal.Error, refusal.Parameter));
        Assert.Contains(found, refusal.Message);
    }

    [Fact]
    public async Task TryAdmit_EveryPlaceTaken_IsRefusedWithRetryAfterBeforeAnythingIsRendered()
    {
        await using EngineRig rig = new EngineRig(new EngineOptions { MaxSequences = 1, MaxQueuedRequests = 1 }).Started();
        using AdmissionLease running = rig.Admit(EngineRig.Request()), waiting = rig.Admit(EngineRig.Request());
        int rendered = rig.Text.EncodeCount;
        InferenceFailure refusal = rig.Refuse(EngineRig.Request());
        Assert.Equal((InferenceError.QueueFull, TimeSpan.FromSeconds(5)), (refusal.Error, refusal.RetryAfter));
        Assert.Contains("All 2 places are taken (1 running, 1 waiting)", refusal.Message);
        Assert.Equal(rendered, rig.Text.EncodeCount);
        waiting.Dispose();
        waiting.Dispose();
        rig.Admit(EngineRig.Request()).Dispose();
    }

    [Fact]
    public async Task TryAdmit_BurstFromManyThreads_NeverGetsMorePlacesThanThereAre()
    {
        await using EngineRig rig = new EngineRig(new EngineOptions { MaxSequences = 3, MaxQueuedRequests = 4 }).Started();
        int admitted = 0;
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            if (rig.Engine.TryAdmit(EngineRig.Request(), out AdmissionLease? lease, out InferenceFailure? refusal))
                Interlocked.Increment(ref admitted);
            else Assert.Equal(InferenceError.QueueFull, refusal.Error);
            GC.KeepAlive(lease);
        });
        Assert.Equal((7, 7), (admitted, rig.Load.TakenPlaces));
    }

    [Fact]
    public async Task CompleteAsync_TellsTheReaderTheFormOfTheAnswer()
    {
        await using EngineRig rig = new EngineRig(text: new ScriptedModelText { OpensReasoning = true }).Started();
        CompletionRequest request = EngineRig.Request("hi", 1, "stop") with { Output = OutputForm.Tokens };
        await rig.Complete(request);
        Assert.Equal((OutputForm.Tokens, true, false), (rig.Text.LatestForm!.Output, rig.Text.LatestForm.OpensReasoning, rig.Text.LatestForm.ParsesToolCalls));
        Assert.Equal(["stop"], rig.Text.LatestForm.StopStrings);
        Prompt.Chat chat = new() { Messages = [new ChatMessage { Role = "user", Content = "x" }], Tools = [JsonElement.Parse("{}")] };
        await rig.Complete(request with { Prompt = chat });
        Assert.True(rig.Text.LatestForm.ParsesToolCalls);
    }
}
