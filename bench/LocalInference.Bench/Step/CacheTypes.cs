using System.Diagnostics.CodeAnalysis;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Bench.Step;

/// <summary>What the KV caches of several engines keep, which are alike in all else.</summary>
/// <param name="Types">Each once, in the order asked.</param>
internal sealed record CacheTypes(IReadOnlyList<KvType> Types)
{
    /// <summary>What may be compared.</summary>
    public static IEnumerable<string> Names => Enum.GetValues<KvType>().Select(NameOf);

    /// <summary>What results call the engines.</summary>
    public IReadOnlyList<string> KernelsNames => [.. Types.Select(type => $"{StepOptions.Own}-{NameOf(type)}")];

    /// <summary>Reads names with commas.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CacheTypes? found, [NotNullWhen(false)] out string? fault)
    {
        (found, fault) = (null, null);
        List<KvType> types = [];
        foreach (string name in text.Split(','))
        {
            if (!Names.Contains(name))
                fault = $"'{name}' is no type of cache; allowed are {string.Join(", ", Names)}.";
            else if (types.Contains(Enum.Parse<KvType>(name, ignoreCase: true)))
                fault = $"'{name}' is named twice.";
            if (fault is not null) return false;
            types.Add(Enum.Parse<KvType>(name, ignoreCase: true));
        }
        found = new CacheTypes(types);
        return true;
    }

    /// <summary>What an engine's cache keeps; null where its name tells nothing of it.</summary>
    public KvType? Of(string kernels) => Types.Zip(KernelsNames).Where(p => p.Second == kernels).Select(p => (KvType?)p.First).FirstOrDefault();

    private static string NameOf(KvType type) => type.ToString().ToLowerInvariant();
}
