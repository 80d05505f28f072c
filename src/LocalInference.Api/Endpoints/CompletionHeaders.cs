using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Endpoints;

/// <summary>The headers that say where an answer came from and what of the request had no effect.</summary>
internal static class CompletionHeaders
{
    /// <summary>Known when the request has a place, or was refused one.</summary>
    public static void SetRoute(IHeaderDictionary headers, RoutedCompletion routed, IEnumerable<string> ignored)
    {
        IEnumerable<string> all = ignored.Concat(routed.IgnoredParameters).Distinct(StringComparer.Ordinal);
        string names = string.Join(", ", all.Select(Uri.EscapeDataString));
        if (names.Length > 0) headers["X-Ignored-Params"] = names;
        if (routed.Refusal is not null) return;
        headers["X-Served-By"] = routed.ServedBy.WireName();
        if (routed.SpillReason is { } reason) headers["X-Spill-Reason"] = reason;
    }

    /// <summary>Known when the answer begins.</summary>
    public static void SetModel(IHeaderDictionary headers, string model) =>
        headers["X-Model-Actual"] = model.All(c => c is >= ' ' and <= '~') ? model : Uri.EscapeDataString(model);
}
