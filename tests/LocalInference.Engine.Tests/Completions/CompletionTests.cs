using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;
using LocalInference.Text.Parsing;

namespace LocalInference.Engine.Tests.Completions;

public sealed class CompletionTests
{
    [Fact]
    public async Task CompleteAsync_UpToMaxTokens_StartsSaysTheTextAndFinishesForLength()
    {
        await using EngineRig rig = new EngineRig().Started();
        List<CompletionChunk> chunks = await rig.Complete(EngineRig.Request("hello", 5));
        Assert.Equal(new CompletionChunk.Started("scripted"), chunks[0]);
        Assert.Equal(string.Concat(rig.Tokens("hello", 5).Select(t => $"{t} ")), Content(chunks));
        Assert.Equal(new CompletionChunk.Finished(FinishReason.Length, new Usage(5, 5)), chunks[^1]);
        await rig.Until(() => rig.Load is { TakenPlaces: 0, UsedBlocks: 0, Running: 0 });
    }

    [Fact]
    public async Task CompleteAsync_EndToken_IsCountedButNotSaid()
    {
        int[] tokens = new EngineRig().Tokens("hello", 4);
        await using EngineRig rig = new EngineRig(endTokenIds: tokens[3]).Started();
        List<CompletionChunk> chunks = await rig.Complete(EngineRig.Request("hello", 50));
        Assert.Equal(string.Concat(tokens.Take(3).Select(t => $"{t} ")), Content(chunks));
        Assert.Equal(new CompletionChunk.Finished(FinishReason.Stop, new Usage(5, 4)), chunks[^1]);

        CompletionRequest ignoring = EngineRig.Request("hello", 6);
        ignoring = ignoring with { Stop = ignoring.Stop with { IgnoreEndTokens = true } };
        Assert.Equal(new Usage(5, 6), ((CompletionChunk.Finished)(await rig.Complete(ignoring))[^1]).Usage);
        CompletionRequest own = ignoring with { Stop = ignoring.Stop with { TokenIds = [tokens[1]] } };
        Assert.Equal(new CompletionChunk.Finished(FinishReason.Stop, new Usage(5, 2)), (await rig.Complete(own))[^1]);
    }

    [Fact]
    public async Task CompleteAsync_StopString_EndsTheAnswerBeforeItAndCountsItsTokens()
    {
        await using EngineRig rig = new EngineRig().Started();
        int[] tokens = rig.Tokens("hello", 4);
        string stop = $"{tokens[2]} {tokens[3]}"[..^1];
        for (int run = 0; run < 5; run++)
        {
            List<CompletionChunk> chunks = await rig.Complete(EngineRig.Request("hello", 200, stop));
            Assert.Equal($"{tokens[0]} {tokens[1]} ", Content(chunks));
            Assert.Equal(new CompletionChunk.Finished(FinishReason.Stop, new Usage(5, 4)), chunks[^1]);
            await rig.Until(() => rig.Load is { TakenPlaces: 0, UsedBlocks: 0 });
        }
        Assert.Equal(5, rig.Metrics["request_success served_by=local finished_reason=stop"]);
        Assert.Equal(5, rig.Metrics["e2e_request_latency_seconds"]);
        Assert.False(rig.Metrics.ContainsKey("requests_aborted"));
    }

    [Fact]
    public async Task CompleteAsync_TokensForm_GivesIdsWithTheEndTokenAndTextWithout()
    {
        int[] tokens = new EngineRig().Tokens("hello", 4);
        await using EngineRig rig = new EngineRig(endTokenIds: tokens[3]).Started();
        List<CompletionChunk> chunks = await rig.Complete(EngineRig.Request("hello", 50, "never said") with { Output = OutputForm.Tokens });
        Assert.IsType<CompletionChunk.Started>(chunks[0]);
        CompletionChunk.Tokens[] said = [.. chunks.OfType<CompletionChunk.Tokens>()];
        Assert.Equal(chunks.Count - 2, said.Length);
        Assert.Equal(tokens, said.SelectMany(t => t.Ids.ToArray()));
        Assert.Equal(string.Concat(tokens.Take(3).Select(t => $"{t} ")), string.Concat(said.Select(t => t.Text)));
    }

    [Fact]
    public async Task CompleteAsync_ReasoningAndToolCalls_AreToldApartAndFinishForToolCalls()
    {
        Queue<AnswerPart> script = new([
            new(AnswerPartKind.Reasoning, "thin"), new(AnswerPartKind.Reasoning, "king"), new(AnswerPartKind.Content, "let me look"),
            new(AnswerPartKind.ToolCallStart, "get", 0), new(AnswerPartKind.ToolCallArguments, "{\"a\":", 0), new(AnswerPartKind.ToolCallArguments, "1}", 0),
            new(AnswerPartKind.ToolCallStart, "put", 1), new(AnswerPartKind.ToolCallArguments, "{}", 1),
        ]);
        await using EngineRig rig = new EngineRig(text: new ScriptedModelText(partOf: _ => script.Dequeue())).Started();
        rig.HoldSteps();
        Task<List<CompletionChunk>> answer = rig.Complete(EngineRig.Request("hello", 8));
        rig.AllowSteps(8);
        List<CompletionChunk> chunks = await answer;
        Assert.Equal("thinking", string.Concat(chunks.OfType<CompletionChunk.Reasoning>().Select(c => c.Text)));
        Assert.Equal("let me look", Content(chunks));
        CompletionChunk.ToolCallStarted[] calls = [.. chunks.OfType<CompletionChunk.ToolCallStarted>()];
        Assert.Equal([(0, "get"), (1, "put")], calls.Select(c => (c.Index, c.Name)));
        Assert.All(calls, c => Assert.Matches("^call_[0-9a-f]{24}$", c.Id));
        Assert.NotEqual(calls[0].Id, calls[1].Id);
        Assert.Equal(
            "{\"a\":1}", string.Concat(chunks.OfType<CompletionChunk.ToolCallArguments>().Where(c => c.Index == 0).Select(c => c.Text)));
        Assert.Equal(new CompletionChunk.Finished(FinishReason.ToolCalls, new Usage(5, 8, ReasoningTokens: 2)), chunks[^1]);
    }

    [Fact]
    public async Task CompleteAsync_ReaderLate_GetsOneChunkForEachStretch()
    {
        await using EngineRig rig = new EngineRig().Started();
        rig.HoldSteps();
        await using IAsyncEnumerator<CompletionChunk> answer =
            rig.Engine.CompleteAsync(rig.Admit(EngineRig.Request("hello", 40)), TestContext.Current.CancellationToken)
                .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        ValueTask<bool> first = answer.MoveNextAsync();
        rig.AllowSteps(1);
        Assert.True(await first);
        rig.ReleaseSteps();
        await rig.Until(() => rig.Load is { Running: 0, UsedBlocks: 0 });
        Assert.Equal(1, rig.Load.TakenPlaces);
        List<CompletionChunk> rest = [];
        while (await answer.MoveNextAsync()) rest.Add(answer.Current);
        Assert.True(rest.Count <= 3, $"{rest.Count} chunks for at most two stretches and an end.");
        Assert.Equal(string.Concat(rig.Tokens("hello", 40).Select(t => $"{t} ")), Content(rest));
        Assert.Equal(0, rig.Load.TakenPlaces);
    }

    [Fact]
    public async Task CompleteAsync_ReaderThatNeverReads_DoesNotStallOthers()
    {
        await using EngineRig rig = new EngineRig(new EngineOptions { MaxSequences = 2 }).Started();
        await using IAsyncEnumerator<CompletionChunk> slow =
            rig.Engine.CompleteAsync(rig.Admit(EngineRig.Request("slow", 200)), TestContext.Current.CancellationToken)
                .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await slow.MoveNextAsync());
        List<CompletionChunk> chunks = await rig.Complete(EngineRig.Request("fast", 250));
        Assert.IsType<CompletionChunk.Finished>(chunks[^1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task CompleteAsync_Cancelled_ThrowsAndFreesBlocksAndPlaceWithinAStep(int stepsBefore)
    {
        await using EngineRig rig = new EngineRig().Started();
        rig.HoldSteps();
        using CancellationTokenSource gone = new();
        Task answer = Drain(rig.Engine.CompleteAsync(rig.Admit(EngineRig.Request("hello", 200)), gone.Token));
        rig.AllowSteps(stepsBefore);
        await rig.Until(() => rig.Runner.StepCount == stepsBefore && rig.Load.UsedBlocks + rig.Load.Waiting > 0);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        rig.AllowSteps(1);
        await rig.Until(() => rig.Load is { TakenPlaces: 0, UsedBlocks: 0, Running: 0, Waiting: 0 });
        Assert.Equal(stepsBefore + 1, rig.Runner.StepCount);
        Assert.Equal(1, rig.Metrics["requests_aborted"]);
    }

    [Fact]
    public async Task CompleteAsync_StopString_TheEngineStopsWithinAStepToo()
    {
        await using EngineRig rig = new EngineRig().Started();
        rig.HoldSteps();
        string stop = $"{rig.Tokens("hello", 3)[2]} ";
        Task<List<CompletionChunk>> answer = rig.Complete(EngineRig.Request("hello", 200, stop));
        rig.AllowSteps(3);
        Assert.Equal(FinishReason.Stop, ((CompletionChunk.Finished)(await answer)[^1]).Reason);
        // The engine may have begun the fourth step before it hears of the stop; that one is finished, and no fifth begins.
        rig.AllowSteps(1);
        await rig.Until(() => rig.Load is { TakenPlaces: 0, UsedBlocks: 0 } || rig.StepsBegun == 5);
        Assert.InRange(rig.StepsBegun, 3, 4);
    }

    [Fact]
    public async Task CompleteAsync_EnumerationLeftEarly_FreesThePlace()
    {
        await using EngineRig rig = new EngineRig().Started();
        await foreach (CompletionChunk chunk in rig.Engine.CompleteAsync(rig.Admit(EngineRig.Request("hello", 200)), TestContext.Current.CancellationToken))
            if (chunk is CompletionChunk.Content) break;
        await rig.Until(() => rig.Load is { TakenPlaces: 0, UsedBlocks: 0 });
    }

    [Fact]
    public async Task CompleteAsync_StepFails_IsASingleFailedChunkAndTheNextRequestWorks()
    {
        await using EngineRig rig = new EngineRig().Started();
        rig.OnStep = _ => throw new InvalidDataException("scripted fault");
        CompletionChunk only = Assert.Single(await rig.Complete(EngineRig.Request()));
        Assert.Equal(InferenceError.EngineFailed, ((CompletionChunk.Failed)only).Failure.Error);
        rig.OnStep = null;
        Assert.IsType<CompletionChunk.Finished>((await rig.Complete(EngineRig.Request()))[^1]);
        Assert.Equal(1, rig.Metrics["steps_failed"]);
        Assert.Equal(1, rig.Metrics["request_failures served_by=local error=EngineFailed"]);
    }

    [Fact]
    public async Task CompleteAsync_ManyAtOnce_EachGetsItsOwnAnswer()
    {
        await using EngineRig rig = new EngineRig(new EngineOptions { MaxSequences = 5, StepTokens = 7 }).Started();
        string[] prompts = [.. Enumerable.Range(0, 60).Select(i => $"prompt number {i}")];
        List<CompletionChunk>[] answers = await Task.WhenAll(prompts.Select(p => rig.Complete(EngineRig.Request(p, 20))));
        for (int i = 0; i < prompts.Length; i++)
            Assert.Equal(string.Concat(rig.Tokens(prompts[i], 20).Select(t => $"{t} ")), Content(answers[i]));
    }

    private static string Content(IEnumerable<CompletionChunk> chunks) =>
        string.Concat(chunks.OfType<CompletionChunk.Content>().Select(c => c.Text));

    private static async Task Drain(IAsyncEnumerable<CompletionChunk> chunks)
    {
        await foreach (CompletionChunk chunk in chunks) GC.KeepAlive(chunk);
    }
}
