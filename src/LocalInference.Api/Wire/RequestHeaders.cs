using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LocalInference.Api.Wire;

/// <summary>Reads what a request says outside its body.</summary>
internal static class RequestHeaders
{
    private const string DataClassName = "X-Data-Class";

    /// <summary>Headers of the contract that this server does not act on yet; they are reported like fields without effect.</summary>
    private static readonly string[] Unread = ["x-slo-ttft-ms", "X-Max-Queue-Wait-Ms"];

    /// <summary>The request with what its headers add to its body.</summary>
    public static CompletionRequest Read(IHeaderDictionary headers, CompletionRequest request, Findings findings) =>
        request with { DataClass = ReadDataClass(headers, findings) };

    /// <summary>Reports those without effect.</summary>
    public static void ReportUnread(IHeaderDictionary headers, Findings findings)
    {
        foreach (string name in Unread.Where(headers.ContainsKey)) findings.Ignore(name);
    }

    // Null leaves it to the configuration.
    private static DataClass? ReadDataClass(IHeaderDictionary headers, Findings findings)
    {
        StringValues values = headers[DataClassName];
        switch (values.ToString().ToLowerInvariant())
        {
            case "any": return DataClass.Any;
            case "local-only" or "pii": return DataClass.LocalOnly;
        }
        if (values.Count > 0) findings.Invalid(DataClassName, $"\"{values}\"", "any, local-only, pii");
        return null;
    }
}
