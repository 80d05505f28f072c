using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;
using LocalInference.Text.Tokenization;
using Microsoft.Extensions.Logging;

namespace LocalInference.Text;

/// <summary>A model folder's text: its tokenizer, its chat template, and the way its answers are written.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed class ModelText : IModelText
{
    private readonly ByteLevelBpeTokenizer _tokenizer;
    private readonly ConversationRenderer _renderer;
    private readonly int? _addedBosId;
    private readonly int _vocabularySize;

    private ModelText(
        ByteLevelBpeTokenizer tokenizer, ConversationRenderer renderer, int? addedBosId, IReadOnlyList<int> endIds, int vocabularySize) =>
        (_tokenizer, _renderer, _addedBosId, EndTokenIds, _vocabularySize) = (tokenizer, renderer, addedBosId, endIds, vocabularySize);

    /// <summary>Token ids that end an answer: the folder's claim, corrected where the tokenizer knows better.</summary>
    public IReadOnlyList<int> EndTokenIds { get; }

    /// <summary>Reads a folder's tokenizer and template and checks them against what the folder claims.</summary>
    /// <param name="folder">A model folder.</param>
    /// <param name="claimed">What its configuration and graph say.</param>
    /// <param name="claimedBosId">Its <c>bos_token_id</c>; null where it has none.</param>
    /// <param name="logger">Told of every claim that was corrected.</param>
    /// <exception cref="InvalidDataException">A file is broken or contradicts another in a way that has no single right answer.</exception>
    /// <exception cref="FileNotFoundException">There is no tokenizer.</exception>
    public static ModelText Load(string folder, ServedModel claimed, int? claimedBosId, ILogger logger)
    {
        TokenizerFolder found = TokenizerFolder.Load(folder);
        if (found.Bpe is not { } tokenizer)
            throw new InvalidDataException(
                $"'{folder}' has a {found.Tokenizer.GetType().Name}; models are served with a byte-level BPE tokenizer.json so far. "
                + "Put the model's tokenizer.json beside its weights.");
        SpecialTokenClaims claims = new(claimedBosId, claimed.EndTokenIds, claimed.VocabularySize);
        SpecialTokens special = SpecialTokenChecks.Check(claims, found);
        foreach (string correction in special.Corrections) Log.Corrected(logger, correction);
        if (tokenizer.VocabularySize > claimed.VocabularySize)
            Log.TokensBeyondGraph(logger, folder, tokenizer.VocabularySize - 1, claimed.VocabularySize);
        try
        {
            ChatTemplateSource template = ChatTemplateSource.Load(folder, found.Config.ChatTemplate, found.Config.SpecialTokens);
            int? addedBosId = found.AddsBos ? special.BosId : null;
            return new ModelText(tokenizer, new ConversationRenderer(template), addedBosId, special.EosIds, claimed.VocabularySize);
        }
        catch (TemplateException broken)
        {
            throw new InvalidDataException($"'{folder}': the chat template cannot be used: {broken.Message}", broken);
        }
    }

    /// <inheritdoc/>
    public bool TryEncode(
        Prompt.Chat chat, [NotNullWhen(true)] out EncodedPrompt? prompt, [NotNullWhen(false)] out InferenceFailure? refusal)
    {
        prompt = null;
        refusal = null;
        try
        {
            RenderedPrompt rendered = _renderer.Render(chat);
            TokenBuffer ids = new();
            _tokenizer.Encode(rendered, ids);
            if (ids.Ids.IndexOfAnyExceptInRange(0, _vocabularySize - 1) is var at and >= 0)
            {
                refusal = new InferenceFailure(
                    InferenceError.PromptRejected,
                    $"The rendered conversation holds token {ids.Ids[at]}, which the model does not know; "
                    + $"allowed are 0 to {_vocabularySize - 1}.",
                    "messages");
                return false;
            }
            // Most templates write the BOS themselves; where the tokenizer is to add it and the template left it out, it is added here.
            // Never two.
            bool lacksBos = _addedBosId is { } bos && (ids.Count == 0 || ids.Ids[0] != bos);
            prompt = new EncodedPrompt(lacksBos ? [_addedBosId!.Value, .. ids.Ids] : ids.ToArray(), rendered.OpensReasoning);
            return true;
        }
        catch (TemplateException refused)
        {
            refusal = new InferenceFailure(
                InferenceError.PromptRejected, $"The model's chat template refuses the conversation: {refused.Message}", "messages");
            return false;
        }
    }

    /// <inheritdoc/>
    public IAnswerReader CreateReader(AnswerForm form) => new AnswerReader(new Detokenizer(_tokenizer), form, _renderer.ToolCallFormat);
}
