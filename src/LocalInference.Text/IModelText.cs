using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Text.Parsing;

namespace LocalInference.Text;

/// <summary>Everything about one model's text: prompts in, token ids out; token ids in, parts of an answer out.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public interface IModelText
{
    /// <summary>
    /// Renders a conversation with the model's template and encodes it. Only the template's own text becomes control tokens;
    /// what a message says never does. Exactly one BOS where the model has one.
    /// </summary>
    /// <param name="chat">The conversation.</param>
    /// <param name="prompt">Its tokens.</param>
    /// <param name="refusal"><see cref="InferenceError.PromptRejected"/> with the template's own words.</param>
    bool TryEncode(
        Prompt.Chat chat,
        [NotNullWhen(true)] out EncodedPrompt? prompt,
        [NotNullWhen(false)] out InferenceFailure? refusal);

    /// <summary>Makes a reader for one answer.</summary>
    IAnswerReader CreateReader(AnswerForm form);
}

/// <summary>How an answer is to be read.</summary>
public sealed record AnswerForm
{
    /// <summary>Parsed into reasoning, content and tool calls, or the plain decoding with special tokens kept.</summary>
    public OutputForm Output { get; init; } = OutputForm.Parsed;

    /// <summary>Whether the prompt ended inside a reasoning block.</summary>
    public bool OpensReasoning { get; init; }

    /// <summary>Whether tool calls are looked for; when not, their markers stay text.</summary>
    public bool ParsesToolCalls { get; init; }

    /// <summary>Texts that end the answer.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];
}

/// <summary>
/// Reads one answer token by token: detokenises, watches for stop strings, tells reasoning, content and tool calls apart.
/// Gives out only what is certain: no half character, nothing that may be the beginning of a stop string or of a marker.
/// </summary>
/// <remarks>Not thread-safe; one per answer.</remarks>
public interface IAnswerReader
{
    /// <summary>Takes the next token.</summary>
    /// <param name="tokenId">A generated id; the end token that ends the answer is not passed.</param>
    /// <param name="parts">What became certain is appended.</param>
    /// <returns>True when a stop string was completed: the answer is over, everything before it has been given out.</returns>
    bool Append(int tokenId, ICollection<AnswerPart> parts);

    /// <summary>The answer is over: gives out what was held back. Not called after <see cref="Append"/> returned true.</summary>
    /// <param name="parts">What was held back is appended.</param>
    void Complete(ICollection<AnswerPart> parts);

    /// <summary>Tokens taken so far that belonged to the reasoning (its end marker included).</summary>
    int ReasoningTokens { get; }

    /// <summary>Tool calls that were completed.</summary>
    int CompletedToolCalls { get; }
}
