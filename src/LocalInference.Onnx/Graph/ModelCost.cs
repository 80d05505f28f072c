namespace LocalInference.Onnx.Graph;

/// <summary>
/// What a step costs by the model alone: the least that any engine must read and multiply. Rows differ: every token runs through all layers
/// but the last one's end, which only wanted rows take, and of those only some go through the LM head.
/// </summary>
/// <param name="Tokens">Weights that every token of a step multiplies.</param>
/// <param name="OutputRows">Weights behind the last attention.</param>
/// <param name="LogitsRows">The LM head.</param>
public sealed record ModelCost(WeightCost Tokens, WeightCost OutputRows, WeightCost LogitsRows)
{
    /// <summary>Bytes of all weights that a step multiplies, each read once: what decoding a single sequence reads for a token.</summary>
    public long WeightBytes => Tokens.Bytes + OutputRows.Bytes + LogitsRows.Bytes;

    /// <summary>Whether weights have, on average, no more than 16 bits.</summary>
    internal bool IsQuantised => WeightBytes <= 2 * MultiplyAdds(1, 1);

    /// <summary>Multiply-adds of a step's weights; attention's own are not among them.</summary>
    /// <param name="tokens">The step's tokens.</param>
    /// <param name="rows">Rows that are wanted, all of them through the LM head.</param>
    public long MultiplyAdds(int tokens, int rows) =>
        (tokens * Tokens.MultiplyAdds) + (rows * (OutputRows.MultiplyAdds + LogitsRows.MultiplyAdds));
}

/// <summary>What a group of weights costs.</summary>
/// <param name="Bytes">Their size: quantised weights at their width with scales of 16 bits, others as they are.</param>
/// <param name="MultiplyAdds">For one row.</param>
public readonly record struct WeightCost(long Bytes, long MultiplyAdds)
{
    /// <summary>Adds two groups.</summary>
    public static WeightCost operator +(WeightCost left, WeightCost right) =>
        new(left.Bytes + right.Bytes, left.MultiplyAdds + right.MultiplyAdds);
}
