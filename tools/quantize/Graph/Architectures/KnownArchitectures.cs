namespace LocalInference.Quantize.Graph.Architectures;

/// <summary>All architectures, by name.</summary>
internal static class KnownArchitectures
{
    private static readonly IArchitecture[] All = [new LlamaArchitecture(), new Qwen3Architecture()];

    public static IReadOnlyCollection<string> Names { get; } = [.. All.SelectMany(a => a.Names).Order(StringComparer.Ordinal)];

    /// <summary>The architecture of a name out of <see cref="Names"/>.</summary>
    public static IArchitecture Find(string name) => All.First(a => a.Names.Contains(name));
}
