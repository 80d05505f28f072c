using System.Diagnostics.CodeAnalysis;
using System.Text;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Text;
using LocalInference.Text.Parsing;

namespace LocalInference.Testing;

/// <summary>
/// The text of a model without a tokenizer. A prompt is one token per character; an answer's token is a part that the script names,
/// by default the content <c>"17 "</c> for token 17.
/// </summary>
/// <param name="vocabularySize">A character's token is its code modulo this.</param>
/// <param name="partOf">The script.</param>
public sealed class ScriptedModelText(int vocabularySize = 97, Func<int, AnswerPart>? partOf = null) : IModelText
{
    /// <summary>A conversation whose text contains this is rejected, as a template would.</summary>
    public const string Rejected = "rejected by the template";

    /// <summary>Whether prompts end inside a reasoning block.</summary>
    public bool OpensReasoning { get; init; }

    /// <summary>Conversations encoded so far.</summary>
    public int EncodeCount { get; private set; }

    /// <summary>The form of the latest answer.</summary>
    public AnswerForm? LatestForm { get; private set; }

    public bool TryEncode(
        Prompt.Chat chat, [NotNullWhen(true)] out EncodedPrompt? prompt, [NotNullWhen(false)] out InferenceFailure? refusal)
    {
        EncodeCount++;
        string text = string.Concat(chat.Messages.Select(m => m.Content));
        bool isRejected = text.Contains(Rejected, StringComparison.Ordinal);
        refusal = isRejected ? new InferenceFailure(InferenceError.PromptRejected, Rejected, "messages") : null;
        prompt = isRejected ? null : new EncodedPrompt(text.Select(c => c % vocabularySize).ToArray(), OpensReasoning);
        return !isRejected;
    }

    public IAnswerReader CreateReader(AnswerForm form)
    {
        LatestForm = form;
        return new Reader(form, partOf ?? (id => new AnswerPart(AnswerPartKind.Content, $"{id} ")));
    }

    private sealed class Reader(AnswerForm form, Func<int, AnswerPart> partOf) : IAnswerReader
    {
        private readonly StringBuilder _held = new();

        public int ReasoningTokens { get; private set; }

        public int CompletedToolCalls { get; private set; }

        public bool Append(int tokenId, ICollection<AnswerPart> parts)
        {
            AnswerPart part = partOf(tokenId);
            if (part.Kind == AnswerPartKind.Reasoning) ReasoningTokens++;
            if (part.Kind == AnswerPartKind.ToolCallArguments && part.Text.EndsWith('}')) CompletedToolCalls++;
            if (part.Kind != AnswerPartKind.Content)
            {
                parts.Add(part);
                return false;
            }
            return AppendContent(part.Text, parts);
        }

        public void Complete(ICollection<AnswerPart> parts) => GiveOut(_held.Length, parts);

        private bool AppendContent(string text, ICollection<AnswerPart> parts)
        {
            string held = _held.Append(text).ToString();
            int stop = form.StopStrings.Select(s => held.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
            GiveOut(stop >= 0 ? stop : held.Length - PossibleBeginning(held), parts);
            return stop >= 0;
        }

        // The longest end of the text with which a stop string begins.
        private int PossibleBeginning(string text)
        {
            for (int length = text.Length; length > 0; length--)
                if (form.StopStrings.Any(s => s.StartsWith(text[^length..], StringComparison.Ordinal))) return length;
            return 0;
        }

        private void GiveOut(int length, ICollection<AnswerPart> parts)
        {
            if (length > 0) parts.Add(new AnswerPart(AnswerPartKind.Content, _held.ToString(0, length)));
            _held.Remove(0, length);
        }
    }
}
