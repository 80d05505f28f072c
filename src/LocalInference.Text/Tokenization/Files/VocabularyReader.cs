using System.Runtime.CompilerServices;
using System.Text.Json;
using LocalInference.Text.Tokenization.Merging;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>
/// Reads <c>model.vocab</c> and <c>model.merges</c> token by token, without making a string of each. Like everything that looks at each
/// token or merge once while loading, it is compiled for speed at once: it would be over before the run-time compiled it again.
/// </summary>
internal static class VocabularyReader
{
    // Of JSON, in published files; only an estimate.
    private const int BytesPerMerge = 18;

    // A file that names a larger id is broken; the tables are as long as the largest id.
    private const int MaxId = (1 << 24) - 1;

    /// <summary>Reads the vocabulary into a builder.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReadTokens(TokenizerDocument document, DecoderRules decoder, VocabularyBuilder builder)
    {
        var reader = new Utf8JsonReader(document.Vocabulary.Span);
        if (document.Vocabulary.IsEmpty) throw JsonSection.ErrorAt(document.File, "model.vocab", "absent", "an object of token: id");
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw JsonSection.ErrorAt(document.File, "model.vocab", reader.TokenType.ToString(), "an object of token: id");
        char[] room = new char[256];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<char> spelling = Copy(ref reader, ref room);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id is < 0 or > MaxId)
                throw JsonSection.ErrorAt(
                    document.File, $"model.vocab[\"{spelling}\"]", reader.TokenType.ToString(), $"an id from 0 to {MaxId}");
            builder.Add(spelling, id);
            if (decoder.Rewrites(spelling) && decoder.Write(spelling.ToString()) is { } written) builder.WriteAs(id, written);
        }
    }

    /// <summary>Reads the merges: <c>"a b"</c> or <c>["a", "b"]</c>, the earlier the stronger.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static MergeTable ReadMerges(TokenizerDocument document, Vocabulary vocabulary)
    {
        var merges = new MergeTable(document.Merges.Length / BytesPerMerge);
        if (document.Merges.IsEmpty) return merges;
        var reader = new Utf8JsonReader(document.Merges.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw JsonSection.ErrorAt(document.File, "model.merges", reader.TokenType.ToString(), "an array");
        char[] room = new char[512];
        byte[] bytes = new byte[1024];
        for (int rank = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; rank++)
        {
            ReadPair(ref reader, ref room, out int left, out int right, document, rank);
            if (bytes.Length < room.Length * 3) bytes = new byte[room.Length * 3];
            AddMerge(merges, vocabulary, room.AsSpan(0, left), room.AsSpan(left, right), bytes, rank, document);
        }

        return merges;
    }

    // Leaves the two spellings one after the other in `room`.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadPair(
        ref Utf8JsonReader reader, ref char[] room, out int left, out int right, TokenizerDocument document, int rank)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            ReadOnlySpan<char> both = Copy(ref reader, ref room);
            left = both.IndexOf(' ');
            right = both.Length - left - 1;
            if (left <= 0 || right <= 0 || both[(left + 1)..].Contains(' '))
                throw JsonSection.ErrorAt(document.File, $"model.merges[{rank}]", $"\"{both}\"", "two tokens with one space between them");
            both[(left + 1)..].CopyTo(room.AsSpan(left));
            return;
        }

        (left, right) = (0, 0);
        if (reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            string first = reader.GetString()!;
            if (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                string second = reader.GetString()!;
                (left, right) = (first.Length, second.Length);
                if (room.Length < left + right) room = new char[2 * (left + right)];
                first.CopyTo(room);
                second.CopyTo(room.AsSpan(left));
                if (reader.Read() && reader.TokenType == JsonTokenType.EndArray && left > 0 && right > 0) return;
            }
        }

        throw JsonSection.ErrorAt(document.File, $"model.merges[{rank}]", reader.TokenType.ToString(), "\"a b\" or [\"a\", \"b\"]");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddMerge(
        MergeTable merges,
        Vocabulary vocabulary,
        ReadOnlySpan<char> left,
        ReadOnlySpan<char> right,
        byte[] bytes,
        int rank,
        TokenizerDocument document)
    {
        int leftLength = vocabulary.Spell(left, bytes);
        int rightLength = leftLength < 0 ? -1 : vocabulary.Spell(right, bytes.AsSpan(leftLength));
        if (rightLength >= 0)
        {
            int leftId = vocabulary.Find(bytes.AsSpan(0, leftLength));
            int rightId = vocabulary.Find(bytes.AsSpan(leftLength, rightLength));
            int merged = vocabulary.Find(bytes.AsSpan(0, leftLength + rightLength));
            if (leftId >= 0 && rightId >= 0 && merged >= 0)
            {
                merges.Add(leftId, rightId, rank, merged);
                return;
            }
        }

        throw JsonSection.ErrorAt(
            document.File, $"model.merges[{rank}]", $"\"{left}\" and \"{right}\"", "tokens of model.vocab whose joined text is one too");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ReadOnlySpan<char> Copy(ref Utf8JsonReader reader, ref char[] room)
    {
        if (reader.ValueSpan.Length > room.Length) room = new char[reader.ValueSpan.Length * 2];
        return room.AsSpan(0, reader.CopyString(room));
    }
}
