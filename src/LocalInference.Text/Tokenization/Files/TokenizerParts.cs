using System.Text;
using LocalInference.Text.Tokenization.AddedTokens;
using LocalInference.Text.Tokenization.Merging;
using LocalInference.Text.Tokenization.Normalization;
using LocalInference.Text.Tokenization.PreTokenization;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>Everything that a byte-pair tokenizer.json says, ready to be used.</summary>
internal sealed record TokenizerParts
{
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public required TextNormalizer? Normalizer { get; init; }

    public required PreTokenizerStep? PreTokenizer { get; init; }

    public required PieceEncoder Encoder { get; init; }

    /// <summary>The tokens as merging sees them.</summary>
    public required Vocabulary Vocabulary { get; init; }

    /// <summary>The tokens as decoding writes them.</summary>
    public required TokenTexts Written { get; init; }

    public required DecoderRules Decoder { get; init; }

    /// <summary>What the post-processor puts before a text.</summary>
    public required int[] LeadingIds { get; init; }

    /// <summary>Reads them from a document.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is broken, or says what is not supported; the message names file and key.
    /// </exception>
    public static TokenizerParts Read(TokenizerDocument document)
    {
        RefuseOtherModels(document);
        IReadOnlyList<AddedToken> added = AddedTokenReader.Read(document);
        DecoderRules decoder = DecoderRules.Read(document);
        var builder = new VocabularyBuilder(decoder.IsByteLevel || PreTokenizerReader.IsByteLevel(document));
        VocabularyReader.ReadTokens(document, decoder, builder);
        foreach (AddedToken token in added) builder.WriteAs(token.Id, Encoding.UTF8.GetBytes(token.Content));
        (Vocabulary vocabulary, TokenTexts written) = builder.Build();
        return new TokenizerParts
        {
            AddedTokens = added,
            Normalizer = NormalizerReader.Read(document),
            PreTokenizer = PreTokenizerReader.Read(document),
            Encoder = ReadEncoder(document, vocabulary, added),
            Vocabulary = vocabulary,
            Written = written,
            Decoder = decoder,
            LeadingIds = PostProcessorReader.ReadLeadingIds(document),
        };
    }

    private static PieceEncoder ReadEncoder(TokenizerDocument document, Vocabulary vocabulary, IReadOnlyList<AddedToken> added)
    {
        JsonSection byteFallback = document.ModelSection("byte_fallback");
        bool fusesUnknown = document.ModelSection("fuse_unk").Flag(absent: false);
        var rule = new UnknownTextRule(ReadUnknown(document, vocabulary, added), fusesUnknown, byteFallback.Flag(absent: false));
        // Hugging Face would fall back to the bytes of the letter that stands for the byte, which no decoder undoes.
        if (rule.ByteFallback && vocabulary.IsByteLevel && Enumerable.Range(0, 256).Any(value => vocabulary.Find([(byte)value]) < 0))
            throw byteFallback.Error("false where ByteLevel is used and a byte has no token");
        MergeTable merges = VocabularyReader.ReadMerges(document, vocabulary);
        return new PieceEncoder(
            vocabulary,
            merges,
            new SymbolSource(vocabulary, merges, rule),
            document.ModelSection("ignore_merges").Flag(absent: false),
            [.. added.Where(token => !token.IsPlainText).Select(token => token.Id)]);
    }

    private static int ReadUnknown(TokenizerDocument document, Vocabulary vocabulary, IReadOnlyList<AddedToken> added)
    {
        JsonSection section = document.ModelSection("unk_token");
        if (section.IsAbsent) return -1;
        if (vocabulary.FindSpelling(section.Text()) is var id and >= 0) return id;
        return added.FirstOrDefault(token => token.Content == section.Text())?.Id ?? throw section.Error("null, or a token of the file");
    }

    private static void RefuseOtherModels(TokenizerDocument document)
    {
        JsonSection type = document.ModelSection("type");
        if (!type.IsAbsent && type.Text() != "BPE") throw type.Error("BPE; for SentencePiece give the folder its tokenizer.model");
        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (document.ModelSection(name) is { IsAbsent: false } affix && affix.Text().Length > 0)
                throw affix.Error("null or \"\"");
        if (document.ModelSection("dropout") is { IsAbsent: false } dropout && dropout.Value.GetRawText() is not ("0" or "0.0"))
            throw dropout.Error("null or 0: encoding gives the same ids every time");
    }
}
