using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Text;

namespace LocalInference.Engine.Completions;

/// <summary>Makes a request's prompt into tokens and holds it against the model: vocabulary and context. Takes no place.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class RequestMeasurer(IModelText text, ServedModel model)
{
    /// <summary>Measures a request.</summary>
    /// <param name="request">A checked request.</param>
    /// <param name="prompt">Its prompt as tokens.</param>
    /// <param name="maxTokens">Tokens it may generate: as asked, or to the context's end.</param>
    /// <param name="refusal">Why it cannot be served, now or ever.</param>
    public bool TryMeasure(
        CompletionRequest request,
        [NotNullWhen(true)] out EncodedPrompt? prompt,
        out int maxTokens,
        [NotNullWhen(false)] out InferenceFailure? refusal)
    {
        maxTokens = 0;
        if (!TryEncode(request.Prompt, out prompt, out refusal)) return false;
        refusal = FindUnknownId(request.Stop.TokenIds, "stop_token_ids") ?? FindMisfit(request, prompt.Ids.Length);
        if (refusal is not null) return false;
        maxTokens = request.Stop.MaxTokens ?? model.ContextTokens - prompt.Ids.Length;
        return true;
    }

    private bool TryEncode(
        Prompt prompt, [NotNullWhen(true)] out EncodedPrompt? encoded, [NotNullWhen(false)] out InferenceFailure? refusal)
    {
        switch (prompt)
        {
            case Prompt.Chat chat:
                return text.TryEncode(chat, out encoded, out refusal);
            case Prompt.Tokens { Ids.IsEmpty: true }:
                encoded = null;
                refusal = new InferenceFailure(InferenceError.InvalidRequest, "The prompt has no tokens; it needs at least one.", "prompt");
                return false;
            case Prompt.Tokens tokens:
                refusal = FindUnknownId(tokens.Ids.Span, "prompt");
                encoded = refusal is null ? new EncodedPrompt(tokens.Ids, OpensReasoning: false) : null;
                return encoded is not null;
            default:
                throw new ArgumentException($"A prompt of type {prompt.GetType().Name} is not known.", nameof(prompt));
        }
    }

    private InferenceFailure? FindUnknownId(ReadOnlySpan<int> ids, string parameter)
    {
        foreach (int id in ids)
            if (UnknownId(id, parameter) is { } refusal) return refusal;
        return null;
    }

    private InferenceFailure? FindUnknownId(IReadOnlyList<int> ids, string parameter) =>
        ids.Select(id => UnknownId(id, parameter)).FirstOrDefault(r => r is not null);

    private InferenceFailure? UnknownId(int id, string parameter) => (uint)id < (uint)model.VocabularySize
        ? null
        : new InferenceFailure(
            InferenceError.InvalidRequest,
            $"{parameter} holds token id {id}; this model's ids go from 0 to {model.VocabularySize - 1}.",
            parameter);

    private InferenceFailure? FindMisfit(CompletionRequest request, int promptTokens)
    {
        int context = model.ContextTokens, room = context - promptTokens;
        string promptField = request.Prompt is Prompt.Chat ? "messages" : "prompt";
        string asked = request.Stop.MaxTokens is { } max ? $"max_tokens is {max}" : "max_tokens is not set";
        string found = $"The prompt has {promptTokens} tokens, {asked}, "
            + $"and the context holds {context} tokens for prompt and answer together:";
        if (room < 1)
            return new InferenceFailure(
                InferenceError.PromptTooLong, $"{found} shorten the prompt to at most {context - 1} tokens.", promptField);
        return request.Stop.MaxTokens > room
            ? new InferenceFailure(
                InferenceError.PromptTooLong, $"{found} shorten the prompt, or ask for at most {room} tokens.", "max_tokens")
            : null;
    }
}
