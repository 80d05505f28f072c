namespace LocalInference.Onnx.Graph;

/// <summary>A weight that the graph declares in another type than its file holds: what a session needs to convert it.</summary>
internal sealed record RetypedWeight
{
    public required string Name { get; init; }

    public required IReadOnlyList<long> Dims { get; init; }

    /// <summary>The element type in the file.</summary>
    public required int SourceType { get; init; }

    /// <summary>The element type in the graph.</summary>
    public required int Type { get; init; }

    /// <summary>The data file; null where the data came with the graph.</summary>
    public required string? File { get; init; }

    /// <summary>Where in the file.</summary>
    public required long FileOffset { get; init; }

    /// <summary>The data that came with the graph.</summary>
    public required byte[] Data { get; init; }

    public long Elements => Dims.Aggregate(1L, (product, d) => product * d);

    public long SourceBytes => Elements * FloatConversion.SizeOf(SourceType);

    public long Bytes => Elements * FloatConversion.SizeOf(Type);
}
