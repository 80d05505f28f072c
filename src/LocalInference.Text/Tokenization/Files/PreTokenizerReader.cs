using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>Reads <c>pre_tokenizer</c>.</summary>
internal static class PreTokenizerReader
{
    private const string Allowed = "null, Split, Digits, ByteLevel, or a Sequence of these";

    /// <summary>Whether the file spells its tokens in the byte alphabet.</summary>
    public static bool IsByteLevel(TokenizerDocument document) => Flatten(document).Any(step => step.Type == "ByteLevel");

    /// <summary>The file's steps, chained; null where it has none.</summary>
    public static PreTokenizerStep? Read(TokenizerDocument document)
    {
        var steps = new List<PreTokenizerStep>();
        JsonSection? byteLevel = null;
        foreach (JsonSection section in Flatten(document))
        {
            // Hugging Face's next step would see the letters that stand for bytes instead of the text.
            if (byteLevel is { } before) throw before["type"].Error("ByteLevel as the last step only");
            if (section.Type == "ByteLevel") byteLevel = section;
            Read(section, steps);
        }

        return PreTokenizerStep.Chain(ClassSplitStep.Join(steps));
    }

    private static IEnumerable<JsonSection> Flatten(TokenizerDocument document) =>
        document.Section("pre_tokenizer") is { IsAbsent: false } section ? Flatten(section) : [];

    private static IEnumerable<JsonSection> Flatten(JsonSection section) =>
        section.Type == "Sequence" ? section["pretokenizers"].Elements().SelectMany(Flatten) : [section];

    private static void Read(JsonSection section, List<PreTokenizerStep> steps)
    {
        switch (section.Type)
        {
            case "ByteLevel":
                // trim_offsets moves offsets only, which nothing here reports through it.
                if (section["add_prefix_space"].Flag(absent: true)) steps.Add(new PrefixSpaceStep());
                if (section["use_regex"].Flag(absent: true)) steps.Add(new MatcherSplitStep(new Gpt2Matcher()));
                break;
            case "Digits":
                bool individual = section["individual_digits"].Flag(absent: false);
                var digits = new CodePointSet([], CharClass.Number);
                steps.Add(new MatcherSplitStep(new ClassRunMatcher(digits, RunPrefix.None, individual ? 1 : int.MaxValue)));
                break;
            case "Split":
                steps.Add(ReadSplit(section));
                break;
            default:
                throw section["type"].Error(Allowed);
        }
    }

    private static PreTokenizerStep ReadSplit(JsonSection section)
    {
        if (!Enum.TryParse(section["behavior"].Text(), out SplitBehavior behavior) || !Enum.IsDefined(behavior))
            throw section["behavior"].Error(string.Join(", ", Enum.GetNames<SplitBehavior>()));
        bool invert = section["invert"].Flag(absent: false);
        JsonSection pattern = section["pattern"];
        if (!pattern["String"].IsAbsent)
            return pattern["String"].Text() is { Length: > 0 } literal
                ? new MatcherSplitStep(new LiteralMatcher(literal), behavior, invert)
                : throw pattern["String"].Error("at least one character");
        try
        {
            return SplitPattern.Step(pattern["Regex"].Text(), behavior, invert);
        }
        catch (NotSupportedException error)
        {
            throw pattern["Regex"].Error($"a pattern that .NET can match ({error.Message})");
        }
    }
}
