using LocalInference.Text.Tokenization.Files;
using LocalInference.Text.Tokenization.PreTokenization;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tokenization;

/// <summary>A model folder's tokenizer, whatever its kind, and what the folder says about it.</summary>
/// <param name="Tokenizer">
/// A <see cref="ByteLevelBpeTokenizer"/> where the folder has a tokenizer.json; else the library's SentencePiece or Tiktoken.
/// </param>
/// <param name="Config">Its tokenizer_config.json; empty where it has none.</param>
/// <remarks>Safe for concurrent use.</remarks>
public sealed record TokenizerFolder(Tokenizer Tokenizer, TokenizerConfig Config)
{
    private const string SentencePieceName = "tokenizer.model";
    private const string TiktokenPattern = "*.tiktoken";

    /// <summary>Our tokenizer; null where the folder is of another kind.</summary>
    public ByteLevelBpeTokenizer? Bpe => Tokenizer as ByteLevelBpeTokenizer;

    /// <summary>The id of the config's BOS; null where it names none, or none that exists.</summary>
    public int? BosId => IdOf(Config.BosToken);

    /// <summary>The id of the config's EOS; null where it names none, or none that exists.</summary>
    public int? EosId => IdOf(Config.EosToken);

    /// <summary>
    /// Whether a text is to begin with the BOS: as the config says, and where it does not, as tokenizer.json's post-processor does. Our
    /// tokenizer never adds it by itself.
    /// </summary>
    public bool AddsBos => BosId is { } bos && (Config.AddsBos ?? (Bpe is { } bpe && bpe.LeadingIds.Contains(bos)));

    /// <summary>Reads a folder.</summary>
    /// <exception cref="FileNotFoundException">It has no tokenizer of a known kind.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is broken, or says what is not supported; the message names file, key, found and allowed.
    /// </exception>
    public static TokenizerFolder Load(string folder)
    {
        TokenizerConfig config = TokenizerConfig.Load(folder);
        if (TokenizerDocument.Find(folder) is { } json) return new TokenizerFolder(ByteLevelBpeTokenizer.Load(json), config);
        if (Path.Combine(folder, SentencePieceName) is var sentencePiece && File.Exists(sentencePiece))
            return new TokenizerFolder(LoadSentencePiece(sentencePiece, config), config);
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, TiktokenPattern).Order().FirstOrDefault() is { } tiktoken)
            return new TokenizerFolder(LoadTiktoken(tiktoken, config), config);
        throw new FileNotFoundException(
            $"'{folder}' has no tokenizer; allowed: {TokenizerDocument.Name}, {TokenizerDocument.Name}.gz, "
            + $"{SentencePieceName} (SentencePiece), {TiktokenPattern}.",
            folder);
    }

    // The library would add BOS and EOS on its own; here that is the caller's decision, for every kind of tokenizer.
    private static SentencePieceTokenizer LoadSentencePiece(string file, TokenizerConfig config)
    {
        using FileStream stream = File.OpenRead(file);
        return SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false, config.AddedTokens);
    }

    // The format holds no pattern. Files of this kind beside Hugging Face models use the one that Llama 3 kept.
    private static TiktokenTokenizer LoadTiktoken(string file, TokenizerConfig config)
    {
        var pattern = new RegexPreTokenizer(SplitPattern.ToRegex(SplitPattern.Llama3), config.AddedTokens);
        return TiktokenTokenizer.Create(file, pattern, normalizer: null, config.AddedTokens);
    }

    /// <summary>The id of a token's text; null where there is none.</summary>
    internal int? IdOf(string? token)
    {
        if (token is null) return null;
        if (Bpe is { } bpe) return bpe.TryGetId(token, out int id) ? id : null;
        if (Config.AddedTokens.TryGetValue(token, out int added)) return added;
        return Tokenizer is SentencePieceTokenizer piece && piece.Vocabulary.TryGetValue(token, out int known) ? known : null;
    }
}
