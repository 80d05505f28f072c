namespace LocalInference.Text.Tokenization.Files;

/// <summary>The ids that <c>post_processor</c> puts around one text.</summary>
/// <param name="Leading">Before it, for example the BOS.</param>
/// <param name="Trailing">After it.</param>
internal sealed record SurroundingIds(int[] Leading, int[] Trailing);

/// <summary>Reads <c>post_processor</c>.</summary>
internal static class PostProcessorReader
{
    private const string Allowed = "null, ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing, or a Sequence of these";

    /// <summary>What it puts around a single text.</summary>
    public static SurroundingIds Read(TokenizerDocument document)
    {
        var ids = new SurroundingIds([], []);
        return document.Section("post_processor") is { IsAbsent: false } section ? Read(section, ids) : ids;
    }

    private static SurroundingIds Read(JsonSection section, SurroundingIds inner) => section.Type switch
    {
        // It moves offsets only.
        "ByteLevel" => inner,
        "Sequence" => section["processors"].Elements().Aggregate(inner, (ids, step) => Read(step, ids)),
        "TemplateProcessing" => ReadTemplate(section, inner),
        "BertProcessing" or "RobertaProcessing" => new([IdOf(section["cls"]), .. inner.Leading], [.. inner.Trailing, IdOf(section["sep"])]),
        _ => throw section["type"].Error(Allowed),
    };

    // ["<s>", 0]
    private static int IdOf(JsonSection pair) =>
        pair.Elements() is [_, var id] ? id.Number() : throw pair.Error("a token and its id");

    private static SurroundingIds ReadTemplate(JsonSection section, SurroundingIds inner)
    {
        List<int> leading = [];
        List<int> trailing = [];
        bool afterText = false;
        foreach (JsonSection element in section["single"].Elements())
        {
            if (!element["Sequence"].IsAbsent) afterText = true;
            else (afterText ? trailing : leading).AddRange(IdsOf(section, element["SpecialToken"]["id"]));
        }

        if (!afterText) throw section["single"].Error("a template with a Sequence");
        return new SurroundingIds([.. leading, .. inner.Leading], [.. inner.Trailing, .. trailing]);
    }

    private static IEnumerable<int> IdsOf(JsonSection section, JsonSection name) =>
        section["special_tokens"][name.Text()] is { IsAbsent: false } token
            ? token["ids"].Elements().Select(id => id.Number())
            : throw name.Error("a name that special_tokens lists");
}
