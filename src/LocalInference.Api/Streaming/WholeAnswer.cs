using System.Text;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Streaming;

/// <summary>Collects an answer's chunks into one object, for clients that do not stream.</summary>
internal sealed class WholeAnswer(AnswerHead head)
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<(string Id, string Name, StringBuilder Arguments)> _calls = [];
    private CompletionChunk.Finished? _finished;
    private InferenceFailure? _failure;

    /// <summary>Reads the answer to its end.</summary>
    /// <param name="chunks">Stands on the <see cref="CompletionChunk.Started"/> chunk; stays the caller's to dispose.</param>
    /// <returns>The answer, or why there is none.</returns>
    public async Task<(CompleteAnswer? Answer, InferenceFailure? Failure)> CollectAsync(IAsyncEnumerator<CompletionChunk> chunks)
    {
        while (await chunks.MoveNextAsync()) Add(chunks.Current);
        if (_failure is not null) return (null, _failure);
        if (_finished is null) throw ChunkOrder.EndIsMissing();
        CompleteAnswer answer = new(head, TextOf(_content), TextOf(_reasoning), Calls(), _finished.Reason, _finished.Usage);
        return (answer, null);
    }

    private void Add(CompletionChunk chunk)
    {
        ChunkOrder.ThrowIfRaw(chunk);
        switch (chunk)
        {
            case CompletionChunk.Reasoning reasoning: _reasoning.Append(reasoning.Text); break;
            case CompletionChunk.Content content: _content.Append(content.Text); break;
            case CompletionChunk.ToolCallStarted call: _calls.Add((call.Id, call.Name, new StringBuilder())); break;
            case CompletionChunk.ToolCallArguments arguments: _calls[arguments.Index].Arguments.Append(arguments.Text); break;
            case CompletionChunk.Finished finished: _finished = finished; break;
            case CompletionChunk.Failed failed: _failure = failed.Failure; break;
        }
    }

    private static string? TextOf(StringBuilder text) => text.Length == 0 ? null : text.ToString();

    private List<ToolCall> Calls() => _calls.ConvertAll(call => new ToolCall(call.Id, call.Name, call.Arguments.ToString()));
}
