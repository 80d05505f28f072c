namespace LocalInference.Quantize.Graph.Architectures;

/// <summary>A family of models: says which parts its graph is made of.</summary>
internal abstract class Architecture
{
    private static readonly Architecture[] All = [new LlamaArchitecture(), new Qwen3Architecture()];

    /// <summary>All names that config.json's <c>architectures</c> may have.</summary>
    public static IReadOnlyCollection<string> KnownNames { get; } = [.. All.SelectMany(a => a.Names).Order(StringComparer.Ordinal)];

    /// <summary>This family's names.</summary>
    protected abstract IReadOnlyList<string> Names { get; }

    /// <summary>The architecture of a name out of <see cref="KnownNames"/>.</summary>
    public static Architecture Find(string name) => All.First(a => a.Names.Contains(name));

    /// <summary>Builds the whole graph and plans its weights.</summary>
    public abstract void Build(DecoderContext context);
}
