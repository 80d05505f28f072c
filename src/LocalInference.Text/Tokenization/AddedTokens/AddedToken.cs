namespace LocalInference.Text.Tokenization.AddedTokens;

/// <summary>A token that is looked for in the text before anything else, as <c>added_tokens</c> of tokenizer.json states it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">What it looks like; at least one character.</param>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Left out where decoding skips special tokens.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Takes white space before it along.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Takes white space after it along.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Found only where no word character touches it.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>Looked for in the normalised text; else in the text as it came, and first.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>
    /// Just a spelling: one character, or white space, which steers nothing. DeepSeek-LLM adds twelve letters that no merge made, others
    /// add runs of spaces; text holds them wherever it comes from. Every other added token is a control token, whatever its <c>special</c>
    /// says: the distills' <c>&lt;think&gt;</c> and <c>&lt;｜Assistant｜&gt;</c> are not special.
    /// </summary>
    public bool IsPlainText => !IsSpecial && (Content.Length == 1 || string.IsNullOrWhiteSpace(Content));
}
