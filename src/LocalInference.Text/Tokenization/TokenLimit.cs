using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tokenization;

/// <summary>Cuts a list of tokens to a number of them, never inside a character that several tokens share.</summary>
internal static class TokenLimit
{
    /// <summary>How many tokens from the start fit.</summary>
    /// <param name="tokens">All tokens.</param>
    /// <param name="limit">The most wanted.</param>
    /// <param name="length">The text's length.</param>
    /// <param name="index">Where the text of those that fit ends.</param>
    public static int FromStart(IReadOnlyList<EncodedToken> tokens, int limit, int length, out int index)
    {
        int count = Math.Min(limit, tokens.Count);
        while (count > 0 && !IsCut(tokens, count)) count--;
        index = count == tokens.Count ? length : count == 0 ? 0 : tokens[count - 1].Offset.End.Value;
        return count;
    }

    /// <summary>How many tokens from the end fit.</summary>
    /// <param name="tokens">All tokens.</param>
    /// <param name="limit">The most wanted.</param>
    /// <param name="length">The text's length.</param>
    /// <param name="index">Where the text of those that fit begins.</param>
    public static int FromEnd(IReadOnlyList<EncodedToken> tokens, int limit, int length, out int index)
    {
        int first = tokens.Count - Math.Min(limit, tokens.Count);
        while (first < tokens.Count && !IsCut(tokens, first)) first++;
        index = first == tokens.Count ? length : first == 0 ? 0 : tokens[first].Offset.Start.Value;
        return tokens.Count - first;
    }

    // Whether a character ends between the token before `count` and the one at it.
    private static bool IsCut(IReadOnlyList<EncodedToken> tokens, int count) =>
        count == 0 || count == tokens.Count || tokens[count].Offset.Start.Value >= tokens[count - 1].Offset.End.Value;
}
