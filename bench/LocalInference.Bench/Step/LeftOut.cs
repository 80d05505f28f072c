using System.Diagnostics.CodeAnalysis;
using LocalInference.Onnx.Graph.Fusion;

namespace LocalInference.Bench.Step;

/// <summary>Fusions that an engine runs without.</summary>
/// <param name="Fusions">Which.</param>
/// <param name="Text">Their names, in the order asked.</param>
internal sealed record LeftOut(Fusions Fusions, IReadOnlyList<string> Text)
{
    private static readonly (string Name, Fusions Fusion)[] Known =
    [
        ("norm", Fusions.Norm),
        ("residual", Fusions.Residual),
        ("gate-up", Fusions.GateUp),
        ("bias", Fusions.Bias),
        ("tied-embedding", Fusions.TiedEmbedding),
    ];

    /// <summary>What may be left out.</summary>
    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    /// <summary>One with all fusions, and one without these.</summary>
    public IReadOnlyList<EngineChoice> Engines =>
        [EngineChoice.Own, new EngineChoice($"{StepOptions.Own}-without-{string.Join('+', Text)}") { Without = this }];

    /// <summary>Reads names with commas.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LeftOut? found, [NotNullWhen(false)] out string? fault)
    {
        found = NameList.TryRead(text, Names, "fusion", out IReadOnlyList<string>? names, out fault)
            ? new LeftOut(Known.Where(k => names.Contains(k.Name)).Aggregate(Fusions.None, (all, k) => all | k.Fusion), names)
            : null;
        return found is not null;
    }

    public override string ToString() => string.Join(',', Text);
}
