using System.Security.Cryptography;
using System.Text;
using LocalInference.Core.Completions;
using LocalInference.Engine.Scheduling;
using LocalInference.Text;
using LocalInference.Text.Parsing;

namespace LocalInference.Engine.Completions;

/// <summary>Turns one answer's tokens into its chunks; runs on the request's thread.</summary>
/// <param name="admitted">What was asked; stays the caller's.</param>
/// <param name="model">The id of the model that answers.</param>
/// <param name="text">Reads the tokens as text.</param>
internal sealed class AnswerWriter(AdmissionLease admitted, string model, IModelText text)
{
    private const int ToolCallIdBytes = 12;

    private readonly CompletionRequest _request = admitted.Request;
    private readonly IAnswerReader _reader = text.CreateReader(new AnswerForm
    {
        Output = admitted.Request.Output,
        OpensReasoning = admitted.Prompt.OpensReasoning,
        ParsesToolCalls = admitted.Request.Prompt is Prompt.Chat { Tools.Count: > 0 },
        StopStrings = admitted.Request.Stop.Strings,
    });

    private readonly List<AnswerPart> _parts = [];
    private readonly List<int> _ids = [];
    private readonly StringBuilder _text = new();
    private int _completionTokens;

    /// <summary>The answer's end, once it was written.</summary>
    public CompletionChunk.Finished? Finished { get; private set; }

    /// <summary>Whether a stop string ended the answer while the engine would go on, so that it must be told.</summary>
    public bool WasStopped { get; private set; }

    /// <summary>Takes every token that is there and writes what they give: at most one chunk for each stretch of one kind.</summary>
    /// <param name="channel">At least one token is in it, or has been taken before.</param>
    /// <param name="chunks">Written to.</param>
    public void Write(TokenChannel channel, List<CompletionChunk> chunks)
    {
        if (_completionTokens == 0) chunks.Add(new CompletionChunk.Started(model));
        FinishReason? reason = null;
        while (reason is null && channel.TryRead(out GeneratedToken token)) reason = Take(token);
        WriteParts(chunks);
        if (reason is not { } ended) return;
        Finished = new CompletionChunk.Finished(
            _reader.CompletedToolCalls > 0 ? FinishReason.ToolCalls : ended,
            new Usage(admitted.Prompt.Ids.Length, _completionTokens, ReasoningTokens: _reader.ReasoningTokens));
        chunks.Add(Finished);
    }

    private FinishReason? Take(GeneratedToken token)
    {
        _completionTokens++;
        _ids.Add(token.Id);
        if (token.End != TokenEnd.EndToken && _reader.Append(token.Id, _parts))
        {
            WasStopped = token.End == TokenEnd.None;
            return FinishReason.Stop;
        }
        if (token.End == TokenEnd.None) return null;
        _reader.Complete(_parts);
        return token.End == TokenEnd.EndToken ? FinishReason.Stop : FinishReason.Length;
    }

    private void WriteParts(List<CompletionChunk> chunks)
    {
        if (_request.Output == OutputForm.Tokens) WriteTokens(chunks);
        else WriteParsed(chunks);
        _parts.Clear();
        _ids.Clear();
    }

    private void WriteTokens(List<CompletionChunk> chunks)
    {
        foreach (AnswerPart part in _parts) _text.Append(part.Text);
        if (_ids.Count > 0) chunks.Add(new CompletionChunk.Tokens(_ids.ToArray(), TakeText()));
    }

    private void WriteParsed(List<CompletionChunk> chunks)
    {
        for (int i = 0; i < _parts.Count; i++)
        {
            AnswerPart part = _parts[i];
            _text.Append(part.Text);
            bool goesOn = i + 1 < _parts.Count && part.Kind != AnswerPartKind.ToolCallStart
                && _parts[i + 1].Kind == part.Kind && _parts[i + 1].CallIndex == part.CallIndex;
            if (goesOn) continue;
            string text = TakeText();
            if (text.Length > 0) chunks.Add(ChunkOf(part.Kind, part.CallIndex, text));
        }
    }

    private CompletionChunk ChunkOf(AnswerPartKind kind, int callIndex, string text) => kind switch
    {
        AnswerPartKind.Reasoning => new CompletionChunk.Reasoning(text),
        AnswerPartKind.Content => new CompletionChunk.Content(text),
        AnswerPartKind.ToolCallStart => new CompletionChunk.ToolCallStarted(callIndex, ToolCallId(callIndex), text),
        AnswerPartKind.ToolCallArguments => new CompletionChunk.ToolCallArguments(callIndex, text),
        _ => throw new InvalidOperationException($"An answer has no part of kind {kind}."),
    };

    // Of OpenAI's form. The request's id is unique, so is its digest; the same request gives the same ids.
    private string ToolCallId(int index) =>
        "call_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_request.Id}/{index}")).AsSpan(0, ToolCallIdBytes));

    private string TakeText()
    {
        string text = _text.ToString();
        _text.Clear();
        return text;
    }
}
