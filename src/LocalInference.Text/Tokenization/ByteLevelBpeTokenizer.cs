using System.Buffers;
using System.Text;
using LocalInference.Text.Chat;
using LocalInference.Text.Tokenization.AddedTokens;
using LocalInference.Text.Tokenization.Files;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tokenization;

/// <summary>
/// Byte-pair encoding as a Hugging Face <c>tokenizer.json</c> states it, id for id. It is a <see cref="Tokenizer"/>, so whatever in .NET
/// takes one takes this; the library's own byte-level BPE is quadratic in the length of a piece and not exact.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Encoding into a <see cref="TokenBuffer"/> that is large enough allocates nothing per piece. Two readings of the
/// same text: as a template's, where added tokens are recognised, and as input, where control tokens stay text.
/// <see cref="Tokenizer.EncodeToIds(string, bool, bool)"/> and its kin read it the first way, as the library's tokenizers do, and add no
/// BOS. Text without a token of its own becomes the unknown token; where the file names none it is left out, as in Hugging Face.
/// </remarks>
public sealed class ByteLevelBpeTokenizer : Tokenizer
{
    private readonly TokenizerParts _parts;
    private readonly TextPipeline _pipeline;
    private readonly HashSet<int> _specialIds;
    private readonly Dictionary<string, int> _addedIds;

    private ByteLevelBpeTokenizer(TokenizerParts parts)
    {
        _parts = parts;
        _pipeline = new TextPipeline(parts);
        _specialIds = [.. parts.AddedTokens.Where(token => token.IsSpecial).Select(token => token.Id)];
        _addedIds = [];
        foreach (AddedToken token in parts.AddedTokens) _addedIds[token.Content] = token.Id;
        PreTokenizer = new PipelinePreTokenizer(_pipeline);
    }

    /// <summary>One more than the largest id. A model's logits may have more columns; those ids say nothing.</summary>
    public int VocabularySize => _parts.Written.Size;

    /// <summary>The ids that the file's post-processor puts before a text, for example the BOS. No encoding adds them by itself.</summary>
    public ReadOnlySpan<int> LeadingIds => _parts.Surrounding.Leading;

    /// <summary>The ids that the file's post-processor puts after a text. No encoding adds them by itself.</summary>
    public ReadOnlySpan<int> TrailingIds => _parts.Surrounding.Trailing;

    /// <inheritdoc/>
    public override Normalizer? Normalizer => _parts.Normalizer;

    /// <summary>How the text is cut, added tokens included.</summary>
    public override PreTokenizer? PreTokenizer { get; }

    internal char StripCharacter => _parts.Decoder.StripCharacter;

    internal int StripCount => _parts.Decoder.StripCount;

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="path">
    /// A file of the form of tokenizer.json, plain or gzip; or a folder with <c>tokenizer.json</c> or <c>tokenizer.json.gz</c>.
    /// </param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">
    /// It is broken, or says what is not supported; the message names file, key, found and allowed.
    /// </exception>
    public static ByteLevelBpeTokenizer Load(string path) => new(TokenizerParts.Read(TokenizerDocument.Read(TokenizerFolder.FindJson(path))));

    /// <summary>Appends the ids of a text.</summary>
    /// <param name="text">Any UTF-16; a lone surrogate is U+FFFD.</param>
    /// <param name="addedTokens">
    /// True where the text is trusted: added tokens in it are recognised. False for what a user wrote: <c>&lt;｜Assistant｜&gt;</c> stays
    /// text. (Added tokens that are a bare letter or white space are ordinary spelling and are recognised in both.)
    /// </param>
    /// <param name="output">The ids are appended.</param>
    public void Encode(ReadOnlySpan<char> text, bool addedTokens, TokenBuffer output)
    {
        var sink = new IdSink(_parts.Encoder, output);
        _pipeline.Run(text, TextOrigins.All(addedTokens), normalizes: true, sink);
    }

    /// <summary>
    /// Appends the ids of a rendered prompt. Control tokens are recognised only where they stand wholly inside the template's own text;
    /// between them the prompt is one text, so that the borders of its segments change nothing.
    /// </summary>
    /// <param name="prompt">The prompt; no BOS is added, the template writes it.</param>
    /// <param name="output">The ids are appended.</param>
    public void Encode(RenderedPrompt prompt, TokenBuffer output)
    {
        using var joined = new JoinedPrompt(prompt);
        var sink = new IdSink(_parts.Encoder, output);
        _pipeline.Run(joined.Text, joined.Origins, normalizes: true, sink);
    }

    /// <summary>Finds a token by its text: an added token by what it looks like, another by the spelling of the file.</summary>
    public bool TryGetId(string tokenText, out int id)
    {
        if (!_addedIds.TryGetValue(tokenText, out id)) id = _parts.Vocabulary.FindSpelling(tokenText);
        return id >= 0;
    }

    /// <summary>
    /// Whether decoding leaves an id out where it skips special tokens: what the file calls special. The distills' <c>&lt;think&gt;</c> is
    /// not.
    /// </summary>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>The bytes that an id writes; empty for one outside the vocabulary. They may be a part of a character.</summary>
    public ReadOnlySpan<byte> GetBytes(int id) => _parts.Written[id];

    /// <summary>
    /// What ids say. Ids outside the vocabulary are skipped, bytes that are no UTF-8 become U+FFFD, added tokens are written as they look.
    /// </summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecial">Leaves special tokens out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial)
    {
        int length = 0;
        foreach (int id in ids) length += _parts.Written[id].Length;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        length = 0;
        foreach (int id in ids)
        {
            if (skipSpecial && IsSpecial(id)) continue;
            ReadOnlySpan<byte> written = _parts.Written[id];
            written.CopyTo(bytes.AsSpan(length));
            length += written.Length;
        }

        int stripped = 0;
        while (stripped < Math.Min(StripCount, length) && bytes[stripped] == StripCharacter) stripped++;
        string text = Encoding.UTF8.GetString(bytes, stripped, length - stripped);
        ArrayPool<byte>.Shared.Return(bytes);
        return text;
    }

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids) => Decode(ids as int[] ?? [.. ids], skipSpecial: false);

    /// <summary>What ids say, as far as there is room for. Only whole characters are written.</summary>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>; <see cref="OperationStatus.DestinationTooSmall"/>; or <see cref="OperationStatus.NeedMoreData"/>
    /// when the ids end inside a character, which is not written. <paramref name="idsConsumed"/> counts the ids whose text was written in
    /// full.
    /// </returns>
    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten) =>
        SpanDecoding.Decode(new Detokenizer(this), ids, destination, out idsConsumed, out charsWritten);

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
