using LocalInference.Core.Completions;
using LocalInference.Engine.Completions;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;
using LocalInference.Text.Parsing;

namespace LocalInference.Engine.Tests.Completions;

/// <summary>What one batch of tokens becomes; the batches are the test's, so the chunks are exact.</summary>
public sealed class AnswerWriterTests
{
    private static readonly AnswerPart[] Script =
    [
        new(AnswerPartKind.Reasoning, "a"), new(AnswerPartKind.Reasoning, "b"), new(AnswerPartKind.Content, "c"), new(AnswerPartKind.Content, "d"),
        new(AnswerPartKind.ToolCallStart, "f", 0), new(AnswerPartKind.ToolCallArguments, "{", 0), new(AnswerPartKind.ToolCallArguments, "}", 0),
        new(AnswerPartKind.ToolCallStart, "g", 1), new(AnswerPartKind.ToolCallArguments, "{}", 1), new(AnswerPartKind.Content, ""),
    ];

    private readonly List<CompletionChunk> _chunks = [];

    [Fact]
    public void Write_OneBatch_JoinsEachStretchOfOneKind()
    {
        AnswerWriter writer = Writer(OutputForm.Parsed);
        Write(writer, [.. Enumerable.Range(0, 8)]);
        Assert.Equal(["Started", "Reasoning ab", "Content cd", "Start 0 f", "Arguments 0 {}", "Start 1 g"], _chunks.Select(Say));
        Write(writer, [8, 9], TokenEnd.EndToken);
        Assert.Equal(["Arguments 1 {}", "Finished ToolCalls 3+10"], _chunks.Select(Say));
        Assert.False(writer.WasStopped);
    }

    [Fact]
    public void Write_TokenByToken_GivesTheSameTextsInMorePieces()
    {
        AnswerWriter writer = Writer(OutputForm.Parsed);
        List<string> said = [];
        for (int id = 0; id < 7; id++)
        {
            Write(writer, [id], id == 6 ? TokenEnd.Limit : TokenEnd.None);
            said.AddRange(_chunks.Select(Say));
        }
        Assert.Equal(
            ["Started", "Reasoning a", "Reasoning b", "Content c", "Content d", "Start 0 f", "Arguments 0 {", "Arguments 0 }", "Finished ToolCalls 3+7"], said);
    }

    [Fact]
    public void Write_TokensForm_PutsIdsAndTextIntoOneChunkABatch()
    {
        AnswerWriter writer = Writer(OutputForm.Tokens);
        Write(writer, [2, 3]);
        Assert.Equal(["Started", "Tokens 2,3 cd"], _chunks.Select(Say));
        Write(writer, [2, 9], TokenEnd.EndToken);
        Assert.Equal(["Tokens 2,9 c", "Finished Stop 3+4"], _chunks.Select(Say));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Write_StopString_CountsUpToItsTokenAndTellsTheEngineOnlyIfItGoesOn(bool isLimit, bool wasStopped)
    {
        AnswerWriter writer = Writer(OutputForm.Parsed, "d");
        Write(writer, [2, 3], isLimit ? TokenEnd.Limit : TokenEnd.None);
        Assert.Equal(["Started", "Content c", "Finished Stop 3+2"], _chunks.Select(Say));
        Assert.Equal(wasStopped, writer.WasStopped);
    }

    [Fact]
    public void Write_TextHeldBackAtTheEnd_IsGivenOut()
    {
        AnswerWriter writer = Writer(OutputForm.Parsed, "dx");
        Write(writer, [2, 3]);
        Assert.Equal(["Started", "Content c"], _chunks.Select(Say));
        Write(writer, [9], TokenEnd.Limit);
        Assert.Equal(["Content d", "Finished Length 3+3"], _chunks.Select(Say));
    }

    [Fact]
    public void Write_ToolCallIds_DependOnTheRequestAndTheCall()
    {
        HashSet<string> ids = [];
        foreach (string request in new[] { "one", "two", "one" })
        {
            AnswerWriter writer = Writer(OutputForm.Parsed, id: request);
            Write(writer, [4, 7]);
            ids.UnionWith(_chunks.OfType<CompletionChunk.ToolCallStarted>().Select(c => c.Id));
        }
        Assert.Equal(4, ids.Count);
    }

    private static AnswerWriter Writer(OutputForm form, string? stop = null, string id = "r")
    {
        CompletionRequest request = EngineRig.Request(stop: stop is null ? [] : [stop]) with { Id = id, Output = form };
        AdmissionLease lease = new(
            request, new EncodedPrompt(new[] { 1, 2, 3 }, false), SamplingParameters.Greedy, maxTokens: 10, () => { });
        return new AnswerWriter(lease, "scripted", new ScriptedModelText(partOf: t => Script[t]));
    }

    private void Write(AnswerWriter writer, int[] ids, TokenEnd end = TokenEnd.None)
    {
        AdmissionLease lease = new(
            EngineRig.Request(), new EncodedPrompt(new[] { 1 }, false), SamplingParameters.Greedy, ids.Length, () => { });
        TokenChannel channel = new(lease);
        for (int i = 0; i < ids.Length; i++) channel.Write(new GeneratedToken(ids[i], i == ids.Length - 1 ? end : TokenEnd.None));
        _chunks.Clear();
        writer.Write(channel, _chunks);
    }

    private static string Say(CompletionChunk chunk) => chunk switch
    {
        CompletionChunk.Started => "Started",
        CompletionChunk.Reasoning c => $"Reasoning {c.Text}",
        CompletionChunk.Content c => $"Content {c.Text}",
        CompletionChunk.ToolCallStarted c => $"Start {c.Index} {c.Name}",
        CompletionChunk.ToolCallArguments c => $"Arguments {c.Index} {c.Text}",
        CompletionChunk.Tokens c => $"Tokens {string.Join(',', c.Ids.ToArray())} {c.Text}",
        CompletionChunk.Finished c => $"Finished {c.Reason} {c.Usage.PromptTokens}+{c.Usage.CompletionTokens}",
        _ => chunk.ToString(),
    };
}
