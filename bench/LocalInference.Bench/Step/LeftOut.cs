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

    /// <summary>What results call such an engine.</summary>
    public string KernelsName => $"{StepOptions.Own}-without-{string.Join('+', Text)}";

    /// <summary>Reads names with commas.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LeftOut? found, [NotNullWhen(false)] out string? fault)
    {
        (found, fault) = (null, null);
        string[] names = text.Split(',');
        var fusions = Fusions.None;
        foreach (string name in names)
        {
            Fusions fusion = Known.FirstOrDefault(k => k.Name == name).Fusion;
            if (fusion == Fusions.None)
                fault = $"'{name}' is no fusion; allowed are {string.Join(", ", Names)}.";
            else if (fusions.HasFlag(fusion))
                fault = $"'{name}' is named twice.";
            if (fault is not null) return false;
            fusions |= fusion;
        }
        found = new LeftOut(fusions, names);
        return true;
    }

    public override string ToString() => string.Join(',', Text);
}
