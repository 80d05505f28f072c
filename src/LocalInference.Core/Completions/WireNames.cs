namespace LocalInference.Core.Completions;

/// <summary>
/// How values are written wherever they leave the process: in OpenAI's JSON, in headers and as labels of metrics. One table, read in both
/// directions, so that a value has one name.
/// </summary>
public static class WireNames
{
    private static readonly Dictionary<FinishReason, string> FinishReasons = new()
    {
        [FinishReason.Stop] = "stop",
        [FinishReason.Length] = "length",
        [FinishReason.ToolCalls] = "tool_calls",
        [FinishReason.ContentFilter] = "content_filter",
    };

    /// <summary>OpenAI's <c>finish_reason</c>.</summary>
    public static string WireName(this FinishReason reason) => FinishReasons[reason];

    /// <summary>The reason that goes by a name; null for a name that OpenAI does not have.</summary>
    public static FinishReason? FindFinishReason(string name)
    {
        foreach ((FinishReason reason, string known) in FinishReasons)
            if (known == name) return reason;
        return null;
    }

    /// <summary><c>local</c> or <c>cloud</c>.</summary>
    public static string WireName(this ServedBy side) => side switch
    {
        ServedBy.Local => "local",
        ServedBy.Cloud => "cloud",
        _ => throw new ArgumentOutOfRangeException(nameof(side), side, "has no name on the wire"),
    };
}
