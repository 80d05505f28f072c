using LocalInference.Core.Completions;

namespace LocalInference.Api.Wire;

/// <summary>What every object of one answer repeats.</summary>
/// <param name="Id">The request's id, <c>chatcmpl-…</c>.</param>
/// <param name="Created">When the answer began.</param>
/// <param name="Model">The model that really answers.</param>
/// <param name="Fingerprint">Changes with whatever may change the local answers; null for the cloud's, whose state is not known.</param>
internal sealed record AnswerHead(string Id, DateTimeOffset Created, string Model, string? Fingerprint);

/// <summary>A finish reason's name on the wire.</summary>
internal static class FinishReasonNames
{
    public static string WireName(this FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "has no name on the wire"),
    };
}
