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
public sealed partial class ByteLevelBpeTokenizer
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
    public ReadOnlySpan<int> LeadingIds => _parts.LeadingIds;

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
    public static ByteLevelBpeTokenizer Load(string path) => new(TokenizerParts.Read(TokenizerDocument.Read(path)));

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
        var sink = new IdSink(_parts.Encoder, output);
        _pipeline.Run(prompt.Value.Text, TextOrigins.Of(prompt.Value.Runs), normalizes: true, sink);
    }

    /// <summary>Finds a token by its text: an added token by what it looks like, another by the spelling of the file.</summary>
    public bool TryGetId(string tokenText, out int id)
    {
        if (!_addedIds.TryGetValue(tokenText, out id)) id = _parts.Vocabulary.FindSpelling(tokenText);
        return id >= 0;
    }

    /// <summary>
    /// Whether decoding leaves an id out where it skips special tokens: what the file calls special, as it does not the distills'
    /// <c>&lt;think&gt;</c>.
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
}
