using LocalInference.Text.Tokenization;

namespace LocalInference.Quantize.Evaluation;

/// <summary>A model's tokenizer as evaluation and calibration need it: texts to sequences that begin as the model's own do.</summary>
internal sealed class ModelTokenizer
{
    /// <summary>Bytes of plain text that a token stands for at least, where a tokenizer has learned from text; one that has not spells byte
    /// by byte.</summary>
    private const double LeastBytesPerToken = 2.5;

    private readonly ByteLevelBpeTokenizer _tokenizer;
    private readonly int[] _begin;
    private readonly string _path;

    private ModelTokenizer(ByteLevelBpeTokenizer tokenizer, string folder, string? begin)
    {
        _tokenizer = tokenizer;
        _path = Path.Combine(folder, "tokenizer.json");
        _begin = begin is not null && tokenizer.TryGetId(begin, out int id) ? [id] : [];
    }

    /// <summary>Reads a folder's tokenizer.</summary>
    /// <param name="folder">A checkpoint or model folder.</param>
    /// <param name="whyNot">Where it is null: why.</param>
    public static ModelTokenizer? TryLoad(string folder, out string? whyNot)
    {
        whyNot = null;
        try
        {
            return new ModelTokenizer(ByteLevelBpeTokenizer.Load(folder), folder, TokenizerConfig.Load(folder).BosToken);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            whyNot = e.Message;
            return null;
        }
    }

    /// <summary>Whether its tokens stand for words and parts of words of a text like this.</summary>
    public bool HasLearned(string text) => System.Text.Encoding.UTF8.GetByteCount(text) >= LeastBytesPerToken * Encode(text).Length;

    /// <summary>A text's ids, markers in it among them.</summary>
    public int[] Encode(string text)
    {
        var buffer = new TokenBuffer();
        _tokenizer.Encode(text, addedTokens: true, buffer);
        return buffer.ToArray();
    }

    /// <summary>A text in pieces, each behind the token that the model's texts begin with.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pieceTokens">Ids of a piece at most, the first one not counted.</param>
    /// <param name="vocabulary">Logits of the model: an id beyond them has no row in its embedding.</param>
    public IEnumerable<int[]> Pieces(string text, int pieceTokens, int vocabulary)
    {
        int[] ids = Encode(text);
        int outside = Array.FindIndex(ids, id => id >= vocabulary);
        if (outside >= 0)
            throw QuantizeException.At(_path, $"a text gives the id {ids[outside]}; expected: below vocab_size, {vocabulary}",
                "Take the tokenizer that belongs to the checkpoint");
        return ids.Chunk(pieceTokens).Select(piece => (int[])[.. _begin, .. piece]);
    }
}
