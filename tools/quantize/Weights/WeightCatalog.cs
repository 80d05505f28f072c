using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Weights;

/// <summary>
/// The tensors of a checkpoint as the graph asks for them: each is checked against the configuration, and what nobody asked for is found.
/// </summary>
/// <param name="source">The tensors.</param>
internal sealed class WeightCatalog(IWeightSource source)
{
    private readonly HashSet<string> _used = [];

    public bool Has(string name) => source.ShapeOf(name) is not null;

    /// <summary>A matrix [rows, columns].</summary>
    public WeightMatrix Matrix(string name, long rows, int columns) => Stack(columns, (name, rows));

    /// <summary>A vector, as one column.</summary>
    public WeightMatrix Vector(string name, int length)
    {
        Check(name, [length]);
        return new WeightMatrix(source, [new MatrixPart(name, length)], 1);
    }

    /// <summary>Matrices of equal width below each other.</summary>
    public WeightMatrix Stack(int columns, params ReadOnlySpan<(string Name, long Rows)> parts)
    {
        var found = new List<MatrixPart>();
        foreach ((string name, long rows) in parts)
        {
            Check(name, [rows, columns]);
            found.Add(new MatrixPart(name, rows));
        }
        return new WeightMatrix(source, found, columns);
    }

    /// <summary>Vectors behind each other, zeros for those that are missing; null where all are.</summary>
    public WeightMatrix? Vectors(params ReadOnlySpan<(string Name, long Length)> parts)
    {
        var found = new List<MatrixPart>();
        foreach ((string name, long length) in parts)
        {
            if (Has(name))
                Check(name, [length]);
            found.Add(new MatrixPart(Has(name) ? name : null, length));
        }
        return found.Any(p => p.Tensor is not null) ? new WeightMatrix(source, found, 1) : null;
    }

    /// <summary>Refuses tensors that no part of the graph has asked for, but for those that are known to carry nothing.</summary>
    /// <param name="isTied">Whether an LM head of its own would be a copy of the embedding.</param>
    public void RefuseLeftovers(bool isTied)
    {
        string[] left =
        [
            .. source.Names.Where(n => !_used.Contains(n) && !n.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)
                && !(isTied && n == "lm_head.weight")).Order(StringComparer.Ordinal),
        ];
        if (left.Length > 0)
            throw new QuantizeException(
                $"{source.Locate(left[0])} has no place in this architecture's graph (so have {left.Length - 1} others). "
                + "Correct 'architectures' and the layer count in config.json; a part that this tool left out would change the answers.");
    }

    private void Check(string name, ReadOnlySpan<long> expected)
    {
        string wanted = string.Join(", ", expected.ToArray());
        IReadOnlyList<long> shape = source.ShapeOf(name)
            ?? throw new QuantizeException(
                $"{source.Locate(name)} is missing; expected: shape [{wanted}], as config.json says. Download the checkpoint again.");
        if (!shape.SequenceEqual(expected.ToArray()))
            throw new QuantizeException(
                $"{source.Locate(name)} has the shape [{string.Join(", ", shape)}]; expected: [{wanted}], as config.json says. Correct "
                    + $"config.json, or download the checkpoint again.");
        // A type that cannot be read is told now, and not when half of the file is written.
        _ = source.TypeOf(name);
        _used.Add(name);
    }
}
