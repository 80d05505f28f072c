using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tokenization.Normalization;

/// <summary>A normaliser of tokenizer.json as the library knows them, that says at no cost when a text is normal already.</summary>
internal abstract class TextNormalizer : Normalizer
{
    /// <summary>The normal form of a text; null when that is the text itself.</summary>
    public abstract string? TryNormalize(ReadOnlySpan<char> text);

    /// <inheritdoc/>
    public override string Normalize(string original) => TryNormalize(original) ?? original;

    /// <inheritdoc/>
    public override string Normalize(ReadOnlySpan<char> original) => TryNormalize(original) ?? original.ToString();
}
