using LocalInference.Text.Tokenization.AddedTokens;
using LocalInference.Text.Tokenization.Files;
using LocalInference.Text.Tokenization.Normalization;
using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tokenization;

/// <summary>
/// The way from a text to pieces, in Hugging Face's order: added tokens that are looked for in the raw text, then per stretch between them
/// normalisation, added tokens that are looked for in the normalised text, then the pre-tokeniser.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class TextPipeline(TokenizerParts parts)
{
    private readonly TextNormalizer? _normalizer = parts.Normalizer;
    private readonly PreTokenizerStep? _preTokenizer = parts.PreTokenizer;
    private readonly AddedTokenMatcher _raw = new(parts.AddedTokens.Where(t => !t.IsNormalized), t => t.Content);
    private readonly AddedTokenMatcher _normalized =
        new(parts.AddedTokens.Where(t => t.IsNormalized), t => parts.Normalizer?.Normalize(t.Content) ?? t.Content);
    private readonly AddedTokenMatcher _normalizedAsWritten = new(parts.AddedTokens.Where(t => t.IsNormalized), t => t.Content);

    /// <summary>Sends a text through.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origins">Where in it control tokens may stand.</param>
    /// <param name="normalizes">False leaves normalisation out.</param>
    /// <param name="sink">Takes what is found.</param>
    public void Run(ReadOnlySpan<char> text, TextOrigins origins, bool normalizes, EncodingSink sink)
    {
        TextNormalizer? normalizer = normalizes ? _normalizer : null;
        (int at, int taken) = (0, 0);
        while (_raw.TryFind(text, at, taken, ref origins, out AddedTokenMatch match))
        {
            if (match.Start > taken) RunStretch(text[taken..match.Start], origins.From(taken), normalizer, sink);
            sink.TakeAdded(match.Token.Id, text[match.Start..match.End]);
            (at, taken) = (match.Resume, match.End);
        }

        if (taken < text.Length) RunStretch(text[taken..], origins.From(taken), normalizer, sink);
    }

    /// <summary>Sends a text through as one piece: no added tokens, no pre-tokeniser.</summary>
    public void RunWhole(ReadOnlySpan<char> text, bool normalizes, EncodingSink sink)
    {
        if (normalizes && _normalizer?.TryNormalize(text) is { } normal) text = normal;
        if (text.IsEmpty) return;
        sink.BeginText(text);
        sink.Take(new Piece(text, 0));
    }

    private void RunStretch(ReadOnlySpan<char> text, TextOrigins origins, TextNormalizer? normalizer, EncodingSink sink)
    {
        // Normalising moves characters, so of a text from several origins nobody could say any more who wrote what. There the tokens are
        // looked for first, as they are written; a template writes its markers as they are.
        if (normalizer is not null && !origins.IsUniform) RunNormalizedTokens(text, _normalizedAsWritten, origins, normalizer, sink);
        else RunNormalizedTokens(normalizer?.TryNormalize(text) ?? text, _normalized, origins, null, sink);
    }

    private void RunNormalizedTokens(
        ReadOnlySpan<char> text, AddedTokenMatcher matcher, TextOrigins origins, TextNormalizer? normalizer, EncodingSink sink)
    {
        (int at, int taken) = (0, 0);
        while (matcher.TryFind(text, at, taken, ref origins, out AddedTokenMatch match))
        {
            if (match.Start > taken) PreTokenize(text[taken..match.Start], normalizer, sink);
            sink.TakeAdded(match.Token.Id, text[match.Start..match.End]);
            (at, taken) = (match.Resume, match.End);
        }

        if (taken < text.Length) PreTokenize(text[taken..], normalizer, sink);
    }

    private void PreTokenize(ReadOnlySpan<char> text, TextNormalizer? normalizer, EncodingSink sink)
    {
        if (normalizer?.TryNormalize(text) is { } normal) text = normal;
        if (text.IsEmpty) return;
        sink.BeginText(text);
        if (_preTokenizer is null) sink.Take(new Piece(text, 0));
        else _preTokenizer.Split(new Piece(text, 0), sink);
    }
}
