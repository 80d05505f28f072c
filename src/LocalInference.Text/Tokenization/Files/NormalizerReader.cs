using LocalInference.Text.Tokenization.Normalization;
using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>Reads <c>normalizer</c>.</summary>
internal static class NormalizerReader
{
    private const string Allowed = "null, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, or a Sequence of these";

    /// <summary>The file's normaliser; null where it leaves every text as it is.</summary>
    public static TextNormalizer? Read(TokenizerDocument document)
    {
        var steps = new List<TextNormalizer>();
        if (document.Section("normalizer") is { IsAbsent: false } section) Read(section, steps);
        return steps.Count switch
        {
            0 => null,
            1 => steps[0],
            _ => new SequenceNormalizer(steps),
        };
    }

    private static void Read(JsonSection section, List<TextNormalizer> steps)
    {
        if (section.Type == "Sequence")
            foreach (JsonSection step in section["normalizers"].Elements())
                Read(step, steps);
        else
            steps.Add(ReadOne(section));
    }

    private static TextNormalizer ReadOne(JsonSection section) => section.Type switch
    {
        "NFC" => new UnicodeFormNormalizer(UnicodeForm.Composed),
        "NFD" => new UnicodeFormNormalizer(UnicodeForm.Decomposed),
        "NFKC" => new UnicodeFormNormalizer(UnicodeForm.CompatibleComposed),
        "NFKD" => new UnicodeFormNormalizer(UnicodeForm.CompatibleDecomposed),
        "Lowercase" => new LowercaseNormalizer(),
        "Prepend" => new PrependNormalizer(section["prepend"].Text()),
        "Strip" => new StripNormalizer(section["strip_left"].Flag(absent: false), section["strip_right"].Flag(absent: false)),
        "Replace" => ReadReplace(section),
        _ => throw section["type"].Error(Allowed),
    };

    private static TextNormalizer ReadReplace(JsonSection section)
    {
        JsonSection pattern = section["pattern"];
        string content = section["content"].Text();
        if (!pattern["String"].IsAbsent) return new ReplaceNormalizer(pattern["String"].Text(), content);
        try
        {
            return new RegexReplaceNormalizer(SplitPattern.ToRegex(pattern["Regex"].Text()), content);
        }
        catch (NotSupportedException error)
        {
            throw pattern["Regex"].Error($"a pattern that .NET can match ({error.Message})");
        }
    }
}
