using System.Diagnostics.CodeAnalysis;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Bench.Step;

/// <summary>What the KV caches of several engines keep, which are alike in all else.</summary>
/// <param name="Types">Each once, in the order asked.</param>
internal sealed record CacheTypes(IReadOnlyList<KvType> Types)
{
    /// <summary>What may be compared.</summary>
    public static IEnumerable<string> Names => Enum.GetValues<KvType>().Select(NameOf);

    /// <summary>One with each.</summary>
    public IReadOnlyList<EngineChoice> Engines =>
        [.. Types.Select(type => new EngineChoice($"{StepOptions.Own}-{NameOf(type)}") { CacheType = type })];

    /// <summary>Reads names with commas.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CacheTypes? found, [NotNullWhen(false)] out string? fault)
    {
        found = NameList.TryRead(text, Names, "type of cache", out IReadOnlyList<string>? names, out fault)
            ? new CacheTypes([.. names.Select(name => Enum.Parse<KvType>(name, ignoreCase: true))])
            : null;
        return found is not null;
    }

    private static string NameOf(KvType type) => type.ToString().ToLowerInvariant();
}
