namespace LocalInference.Quantize.Weights;

/// <summary>A tensor's place in the data file beside the graph.</summary>
/// <param name="Name">The initialiser's.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Dims">Its shape.</param>
/// <param name="Offset">Bytes from the file's start.</param>
internal sealed record StoredTensor(string Name, StoredType Type, IReadOnlyList<long> Dims, long Offset)
{
    public long Length { get; } = Dims.Aggregate(1L, (product, d) => product * d) * Type.Size();
}

/// <summary>Types of stored tensors.</summary>
internal enum StoredType
{
    Float32 = 1,
    UInt8 = 2,
    Float16 = 10,
}

/// <summary>Their sizes.</summary>
internal static class StoredTypes
{
    public static int Size(this StoredType type) => type switch
    {
        StoredType.Float32 => 4,
        StoredType.Float16 => 2,
        _ => 1,
    };
}
