using LocalInference.Core.Completions;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// Turns the cloud's frames into the chunks that <see cref="CompletionChunk"/> promises, in that order, whatever the cloud does. Knows no
/// HTTP. Not thread-safe.
/// </summary>
/// <param name="askedModel">Named as the answering model if the cloud names none.</param>
internal sealed class CloudAnswer(string askedModel)
{
    private string? _model;
    private bool _hasContent;
    private int _toolCallCount;
    private FinishReason? _finish;
    private CloudUsage? _usage;

    /// <summary>Whether a part of the answer has come: until then a failure can still be a status line.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether the answer is complete.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the cloud said what the answer took. <see cref="Usage"/> is all zeros where it did not.</summary>
    public bool HasUsage => _usage is not null;

    /// <summary>Reads one frame.</summary>
    /// <param name="frame">The next one.</param>
    /// <param name="parts">What it adds is appended here, also when it then fails.</param>
    /// <returns>Why the answer cannot go on, or null.</returns>
    public CloudFault? Read(CloudEvent frame, List<CompletionChunk> parts)
    {
        if (ReferenceEquals(frame, CloudEvent.Done)) return End(parts);
        _model ??= frame.Model;
        _usage = frame.Usage ?? _usage;
        if (frame.Choices is not [{ } choice, ..]) return null;
        if (choice.Delta is { } delta && ReadDelta(delta, parts) is { } fault) return fault;
        return choice.FinishReason is { } reason ? ReadFinish(reason) : null;
    }

    private CloudFault? ReadDelta(CloudDelta delta, List<CompletionChunk> parts)
    {
        string? reasoning = string.IsNullOrEmpty(delta.ReasoningContent) ? delta.Reasoning : delta.ReasoningContent;
        if (!string.IsNullOrEmpty(reasoning))
        {
            if (_hasContent) return CloudFault.Broken("reasoning came after content had begun");
            Add(new CompletionChunk.Reasoning(reasoning), parts);
        }
        if (!string.IsNullOrEmpty(delta.Content))
        {
            _hasContent = true;
            Add(new CompletionChunk.Content(delta.Content), parts);
        }
        foreach (CloudToolCall piece in delta.ToolCalls ?? [])
            if (ReadToolCall(piece, parts) is { } fault) return fault;
        return null;
    }

    private CloudFault? ReadToolCall(CloudToolCall piece, List<CompletionChunk> parts)
    {
        if (piece.Index is not { } index || index < 0 || index > _toolCallCount)
            return CloudFault.Broken(
                $"a tool call has the index {piece.Index?.ToString() ?? "null"} where 0 to {_toolCallCount} is possible");
        if (index == _toolCallCount)
        {
            if (string.IsNullOrEmpty(piece.Id) || string.IsNullOrEmpty(piece.Function?.Name))
                return CloudFault.Broken($"tool call {index} begins without an id or a name");
            _toolCallCount++;
            Add(new CompletionChunk.ToolCallStarted(index, piece.Id, piece.Function.Name), parts);
        }
        if (!string.IsNullOrEmpty(piece.Function?.Arguments))
            Add(new CompletionChunk.ToolCallArguments(index, piece.Function.Arguments), parts);
        return null;
    }

    private CloudFault? ReadFinish(string reason)
    {
        _finish = WireNames.FindFinishReason(reason);
        // DeepSeek's insufficient_system_resource among them: it names a failure of its own in the place of a finish reason.
        return _finish is null ? CloudFault.Broken($"the answer ended with the finish reason '{Shortened(reason)}'") : null;
    }

    // A stream may end cleanly and still be cut short: only a finish reason and [DONE] together make an answer.
    private CloudFault? End(List<CompletionChunk> parts)
    {
        if (_finish is not { } reason) return CloudFault.Broken("[DONE] came without a finish reason");
        Add(new CompletionChunk.Finished(reason, UsageSoFar()), parts);
        HasEnded = true;
        return null;
    }

    private void Add(CompletionChunk part, List<CompletionChunk> parts)
    {
        if (!HasBegun) parts.Add(new CompletionChunk.Started(_model ?? askedModel));
        HasBegun = true;
        parts.Add(part);
    }

    private Usage UsageSoFar() => new(
        _usage?.PromptTokens ?? 0,
        _usage?.CompletionTokens ?? 0,
        _usage?.PromptCacheHitTokens ?? _usage?.PromptTokensDetails?.CachedTokens ?? 0,
        _usage?.CompletionTokensDetails?.ReasoningTokens ?? 0);

    private static string Shortened(string reason) => reason.Length <= 40 ? reason : reason[..40] + "…";
}
