using System.Text.RegularExpressions;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>Chooses how a Split's pattern is matched: by hand where it is known or simple, else by a .NET regular expression.</summary>
internal static partial class SplitPattern
{
    private const string GptTail = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string GptHead = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}";

    /// <summary>Qwen2 and what grew from it.</summary>
    public const string Qwen2 = GptHead + GptTail;

    /// <summary>Llama 3.</summary>
    public const string Llama3 = GptHead + "{1,3}" + GptTail;

    /// <summary>GPT-2, and ByteLevel's own.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>DeepSeek-V3's and R1's third.</summary>
    public const string DeepSeek3 =
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
        + @"|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Makes the step of a Split.</summary>
    /// <param name="pattern">A regular expression as Hugging Face reads it (Oniguruma).</param>
    /// <param name="behavior">What becomes of its matches.</param>
    /// <param name="invert">Matches and the text between them change places.</param>
    /// <exception cref="NotSupportedException">The pattern has no equal in .NET; the message says why.</exception>
    public static PreTokenizerStep Step(string pattern, SplitBehavior behavior, bool invert) =>
        Matcher(pattern) is { } matcher
            ? new MatcherSplitStep(matcher, behavior, invert)
            : new RegexSplitStep(ToRegex(pattern), behavior, invert);

    /// <summary>The matcher made for a pattern; null where there is none.</summary>
    public static PieceMatcher? Matcher(string pattern) => pattern.Replace("\r", @"\r").Replace("\n", @"\n") switch
    {
        Qwen2 => new GptMatcher(maxDigits: 1),
        Llama3 => new GptMatcher(maxDigits: 3),
        Gpt2 => new Gpt2Matcher(),
        DeepSeek3 => new DeepSeek3Matcher(),
        @"\s+$" => new TrailingSpaceMatcher(),
        var other => ClassPattern.TryRead(other),
    };

    /// <summary>The same pattern for .NET: the dollar and the caret mean lines in Oniguruma.</summary>
    /// <exception cref="NotSupportedException">The pattern has no equal in .NET; the message says why.</exception>
    public static Regex ToRegex(string pattern)
    {
        if (pattern.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
            throw new NotSupportedException(
                "it names characters outside the Basic Multilingual Plane; allowed there are patterns of one class");
        if (NestedClass().Match(pattern) is { Success: true } nested)
            throw new NotSupportedException($"'{nested.Value}' nests or intersects classes, which .NET reads as something else");
        try
        {
            return new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant | RegexOptions.Multiline);
        }
        catch (RegexParseException error)
        {
            throw new NotSupportedException($".NET does not read it: {error.Message}", error);
        }
    }

    // Inside a class: "&&", or an opening bracket that is not escaped.
    [GeneratedRegex(@"(?<!\\)(?:\\\\)*\[\^?\]?(?:\\.|[^\]\\\[&]|&(?!&))*(?:&&|\[)")]
    private static partial Regex NestedClass();
}
