namespace LocalInference.Text.Tokenization.Files;

/// <summary>Reads <c>post_processor</c>.</summary>
internal static class PostProcessorReader
{
    private const string Allowed = "null, ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing, or a Sequence of these";

    /// <summary>The ids that it puts before a text, for example the BOS.</summary>
    public static int[] ReadLeadingIds(TokenizerDocument document) =>
        document.Section("post_processor") is { IsAbsent: false } section ? [.. LeadingIds(section)] : [];

    private static IEnumerable<int> LeadingIds(JsonSection section) => section.Type switch
    {
        // It moves offsets only.
        "ByteLevel" => [],
        // A later step's ids stand before an earlier one's.
        "Sequence" => section["processors"].Elements().Reverse().SelectMany(LeadingIds),
        "TemplateProcessing" => LeadingIdsOfTemplate(section),
        "BertProcessing" or "RobertaProcessing" => [IdOf(section["cls"])],
        _ => throw section["type"].Error(Allowed),
    };

    // ["<s>", 0]
    private static int IdOf(JsonSection pair) =>
        pair.Elements() is [_, var id] ? id.Number() : throw pair.Error("a token and its id");

    private static List<int> LeadingIdsOfTemplate(JsonSection section)
    {
        List<int> ids = [];
        foreach (JsonSection element in section["single"].Elements())
        {
            if (!element["Sequence"].IsAbsent) return ids;
            ids.AddRange(IdsOf(section, element["SpecialToken"]["id"]));
        }

        throw section["single"].Error("a template with a Sequence");
    }

    private static IEnumerable<int> IdsOf(JsonSection section, JsonSection name) =>
        section["special_tokens"][name.Text()] is { IsAbsent: false } token
            ? token["ids"].Elements().Select(id => id.Number())
            : throw name.Error("a name that special_tokens lists");
}
