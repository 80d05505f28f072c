using System.Diagnostics.CodeAnalysis;

namespace LocalInference.Bench.Step;

/// <summary>Names with commas, as options take them.</summary>
internal static class NameList
{
    /// <summary>Reads names that are known, each at most once.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="known">The names allowed.</param>
    /// <param name="kind">What a name is one of, for the fault.</param>
    /// <param name="names">In the order given.</param>
    /// <param name="fault">Names the first that is wrong, and what is allowed.</param>
    public static bool TryRead(
        string text, IEnumerable<string> known, string kind, [NotNullWhen(true)] out IReadOnlyList<string>? names, [NotNullWhen(false)] out string? fault)
    {
        string[] read = text.Split(',');
        fault = read.FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? $"'{unknown}' is no {kind}; allowed are {string.Join(", ", known)}."
            : read.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } several ? $"'{several.Key}' is named twice." : null;
        names = fault is null ? read : null;
        return fault is null;
    }
}
