namespace LocalInference.Quantize.Inspection;

/// <summary>Tensors of one kind and type.</summary>
/// <param name="Kind">The name without its layer.</param>
/// <param name="Type">Of the elements.</param>
/// <param name="Count">Tensors.</param>
/// <param name="Bytes">In all.</param>
internal sealed record TensorGroup(string Kind, string Type, int Count, long Bytes)
{
    /// <summary>Groups tensors, the largest group first.</summary>
    public static IReadOnlyList<TensorGroup> Of(IEnumerable<(string Name, string Type, long Bytes)> tensors) =>
    [
        .. tensors.GroupBy(t => (Kind: KindOf(t.Name), t.Type)).Select(g =>
            new TensorGroup(g.Key.Kind, g.Key.Type, g.Count(), g.Sum(t => t.Bytes))).OrderByDescending(g => g.Bytes),
    ];

    private static string KindOf(string name) => name switch
    {
        _ when name.Contains("scale", StringComparison.Ordinal) => "scales",
        _ when name.Contains("zero_point", StringComparison.Ordinal) || name.EndsWith("_zp", StringComparison.Ordinal) => "zero points",
        _ when name.Contains("norm", StringComparison.Ordinal) => "norms",
        _ when name.Contains("bias", StringComparison.Ordinal) => "biases",
        _ when name.Contains("embed_tokens", StringComparison.Ordinal) => "embedding",
        _ when name.StartsWith("lm_head", StringComparison.Ordinal) => "LM head",
        _ when name.Contains("attn", StringComparison.Ordinal) => "attention",
        _ when name.Contains("mlp", StringComparison.Ordinal) => "MLP",
        _ => "other (rotary tables)",
    };
}
