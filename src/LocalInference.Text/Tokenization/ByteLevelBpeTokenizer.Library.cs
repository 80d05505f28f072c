using System.Buffers;
using System.Text;
using LocalInference.Text.Tokenization.AddedTokens;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tokenization;

// What the library's Tokenizer asks for: tokens with their places, limits, decoding into a span.
public sealed partial class ByteLevelBpeTokenizer : Tokenizer
{
    /// <inheritdoc/>
    public override Normalizer? Normalizer => _parts.Normalizer;

    /// <summary>How the text is cut, added tokens included.</summary>
    public override PreTokenizer? PreTokenizer { get; }

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids) => Decode(ids as int[] ?? [.. ids], skipSpecial: false);

    /// <summary>What ids say, as far as there is room for. Only whole characters are written.</summary>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>; <see cref="OperationStatus.DestinationTooSmall"/>; or <see cref="OperationStatus.NeedMoreData"/>
    /// when the ids end inside a character, which is not written. <paramref name="idsConsumed"/> counts the ids whose text was written in
    /// full.
    /// </returns>
    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        var detokenizer = new Detokenizer(this);
        (idsConsumed, charsWritten) = (0, 0);
        (int taken, int written) = (0, 0);
        foreach (int id in ids)
        {
            ReadOnlySpan<char> text = detokenizer.Append(id);
            if (!text.TryCopyTo(destination[written..])) return OperationStatus.DestinationTooSmall;
            (taken, written) = (taken + 1, written + text.Length);
            // Only where no byte is held back can another call go on.
            if (!detokenizer.HasPending) (idsConsumed, charsWritten) = (taken, written);
        }

        return detokenizer.HasPending ? OperationStatus.NeedMoreData : OperationStatus.Done;
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var sink = new EncodedTokenSink(_parts.Encoder, _parts.Vocabulary);
        Run(text ?? textSpan, settings, sink);
        int count = TokenLimit.FromStart(sink.Tokens, settings.MaxTokenCount, sink.NormalizedText.Length, out int consumed);
        return new EncodeResults<EncodedToken>
        {
            Tokens = count == sink.Tokens.Count ? sink.Tokens : sink.Tokens[..count],
            NormalizedText = Normalizes(settings) ? sink.NormalizedText : null,
            CharsConsumed = consumed,
        };
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (settings.MaxTokenCount < int.MaxValue)
        {
            // Only a limit needs places, which cost more than the encoding itself.
            EncodeResults<EncodedToken> placed = EncodeToTokens(text, textSpan, settings);
            int[] ids = [.. placed.Tokens.Select(token => token.Id)];
            return new EncodeResults<int> { Tokens = ids, NormalizedText = placed.NormalizedText, CharsConsumed = placed.CharsConsumed };
        }

        ReadOnlySpan<char> source = text ?? textSpan;
        var output = new TokenBuffer(source.Length / 3 + 16);
        StringBuilder? normalizedText = Normalizes(settings) ? new StringBuilder(source.Length) : null;
        var sink = new IdSink(_parts.Encoder, output, normalizedText);
        Run(source, settings, sink);
        return new EncodeResults<int>
        {
            Tokens = output.ToArray(),
            NormalizedText = normalizedText?.ToString(),
            CharsConsumed = normalizedText?.Length ?? source.Length,
        };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        var sink = new EncodedTokenSink(_parts.Encoder, _parts.Vocabulary);
        Run(text ?? textSpan, settings, sink);
        normalizedText = Normalizes(settings) ? sink.NormalizedText : null;
        int length = sink.NormalizedText.Length;
        tokenCount = fromEnd
            ? TokenLimit.FromEnd(sink.Tokens, settings.MaxTokenCount, length, out int index)
            : TokenLimit.FromStart(sink.Tokens, settings.MaxTokenCount, length, out index);
        return index;
    }

    private bool Normalizes(EncodeSettings settings) => settings.ConsiderNormalization && Normalizer is not null;

    private void Run(ReadOnlySpan<char> text, EncodeSettings settings, EncodingSink sink)
    {
        if (settings.ConsiderPreTokenization) _pipeline.Run(text, TextOrigins.All(trusted: true), settings.ConsiderNormalization, sink);
        else _pipeline.RunWhole(text, settings.ConsiderNormalization, sink);
    }
}
