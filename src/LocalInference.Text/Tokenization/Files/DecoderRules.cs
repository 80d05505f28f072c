using System.Globalization;
using System.Text;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>
/// What <c>decoder</c> says, boiled down to what each token writes: applied once at load, so that decoding only joins bytes.
/// </summary>
internal sealed class DecoderRules
{
    private const string Allowed = "ByteLevel, Replace with a String pattern, ByteFallback, Fuse, Strip after Fuse, or a Sequence of these";
    private readonly List<(string Pattern, string Content)> _replacements = [];
    private bool _isFused;

    private DecoderRules(JsonSection decoder)
    {
        if (!decoder.IsAbsent) Read(decoder);
    }

    /// <summary>Whether tokens are spelled in the byte alphabet.</summary>
    public bool IsByteLevel { get; private set; }

    /// <summary>Whether <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> write bytes.</summary>
    public bool HasByteFallback { get; private set; }

    /// <summary>The character that is taken off the front of a decoded text.</summary>
    public char StripCharacter { get; private set; }

    /// <summary>How many of them at most.</summary>
    public int StripCount { get; private set; }

    /// <summary>Reads <c>decoder</c>.</summary>
    public static DecoderRules Read(TokenizerDocument document) => new(document.Section("decoder"));

    /// <summary>A quick answer to whether <see cref="Write"/> may give anything.</summary>
    public bool Rewrites(ReadOnlySpan<char> spelling) =>
        _replacements.Count > 0 || (HasByteFallback && spelling.StartsWith("<0x", StringComparison.Ordinal));

    /// <summary>What a token writes; null when that is its spelling.</summary>
    public byte[]? Write(string spelling)
    {
        if (HasByteFallback && TryReadByte(spelling, out byte value)) return [value];
        string text = spelling;
        foreach ((string pattern, string content) in _replacements) text = text.Replace(pattern, content, StringComparison.Ordinal);
        return text == spelling ? null : Encoding.UTF8.GetBytes(text);
    }

    private static bool TryReadByte(string spelling, out byte value)
    {
        value = 0;
        return spelling is ['<', '0', 'x', _, _, '>']
            && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private void Read(JsonSection decoder)
    {
        switch (decoder.Type)
        {
            case "Sequence":
                foreach (JsonSection step in decoder["decoders"].Elements()) Read(step);
                break;
            case "ByteLevel":
                IsByteLevel = true;
                break;
            case "ByteFallback":
                HasByteFallback = true;
                break;
            case "Fuse":
                _isFused = true;
                break;
            case "Replace" when !decoder["pattern"]["String"].IsAbsent && decoder["pattern"]["String"].Text().Length > 0:
                _replacements.Add((decoder["pattern"]["String"].Text(), decoder["content"].Text()));
                break;
            case "Strip" when _isFused && decoder["stop"].Number() == 0 && decoder["content"].Text() is [< '\x80' and var character]:
                (StripCharacter, StripCount) = (character, decoder["start"].Number());
                break;
            default:
                throw decoder.Error(Allowed);
        }
    }
}
