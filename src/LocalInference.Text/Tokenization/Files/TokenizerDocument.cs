using System.IO.Compression;
using System.Text.Json;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>
/// A tokenizer.json cut into its parts: the small ones parsed, the two big ones (vocabulary and merges, many megabytes) left as bytes for
/// readers that make no object of every token.
/// </summary>
internal sealed class TokenizerDocument
{
    /// <summary>What the file is called; gzipped it has <c>.gz</c> after that.</summary>
    public const string Name = "tokenizer.json";

    private readonly Dictionary<string, JsonElement> _sections = [];
    private readonly Dictionary<string, JsonElement> _modelSections = [];

    private TokenizerDocument(string file, byte[] json)
    {
        File = file;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonSection.ErrorAt(file, "the file", reader.TokenType.ToString(), "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "model" && reader.TokenType == JsonTokenType.StartObject) ReadModel(ref reader, json);
            else _sections[name] = JsonElement.ParseValue(ref reader);
        }
    }

    /// <summary>Its path.</summary>
    public string File { get; }

    /// <summary>The JSON of <c>model.vocab</c>; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Vocabulary { get; private set; }

    /// <summary>The JSON of <c>model.merges</c>; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Merges { get; private set; }

    /// <summary>The value of a key of the file.</summary>
    public JsonSection Section(string name) => new(File, name, _sections.GetValueOrDefault(name));

    /// <summary>The value of a key of <c>model</c>.</summary>
    public JsonSection ModelSection(string name) => new(File, "model." + name, _modelSections.GetValueOrDefault(name));

    /// <summary>Where a folder has the file, plain or gzipped; null where it has none.</summary>
    public static string? Find(string folder)
    {
        string plain = Path.Combine(folder, Name);
        return System.IO.File.Exists(plain) ? plain : System.IO.File.Exists(plain + ".gz") ? plain + ".gz" : null;
    }

    /// <summary>Reads a file, plain or gzip whatever its name says.</summary>
    /// <param name="path">The file, or the folder that has it.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is no JSON; the message says where.</exception>
    public static TokenizerDocument Read(string path)
    {
        string file = System.IO.File.Exists(path) ? path
            : Find(path) ?? throw new FileNotFoundException($"'{path}' is no file, and no folder with {Name} or {Name}.gz.", path);
        byte[] bytes = System.IO.File.ReadAllBytes(file);
        try
        {
            return new TokenizerDocument(file, bytes is [0x1F, 0x8B, ..] ? Unzip(bytes) : WithoutMark(bytes));
        }
        catch (JsonException error)
        {
            string place = $"line {error.LineNumber + 1}, byte {error.BytePositionInLine}";
            throw new InvalidDataException($"{file}: no valid JSON ({place}): {error.Message}", error);
        }
    }

    private void ReadModel(ref Utf8JsonReader reader, byte[] json)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name is not ("vocab" or "merges"))
            {
                _modelSections[name] = JsonElement.ParseValue(ref reader);
                continue;
            }

            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            ReadOnlyMemory<byte> value = json.AsMemory(start..(int)reader.BytesConsumed);
            if (name == "vocab") Vocabulary = value;
            else Merges = value;
        }
    }

    private static byte[] Unzip(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var plain = new MemoryStream(bytes.Length * 5);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static byte[] WithoutMark(byte[] bytes) => bytes is [0xEF, 0xBB, 0xBF, .. var rest] ? rest : bytes;
}
