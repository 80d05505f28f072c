using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Quantization;

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

/// <summary>A quantised matrix as stored: three tensors, or two where the zero point is the middle.</summary>
/// <param name="Format">How.</param>
/// <param name="Codes">[rows, blocks, bytes of a block].</param>
/// <param name="Scales">[rows, blocks].</param>
/// <param name="ZeroPoints">[rows, bytes]; null in symmetric formats.</param>
internal sealed record QuantizedTensors(BlockFormat Format, StoredTensor Codes, StoredTensor Scales, StoredTensor? ZeroPoints);

/// <summary>Types of stored tensors, by ONNX's numbers.</summary>
internal enum StoredType
{
    Float32 = 1,
    UInt8 = 2,
    Float16 = 10,
}

/// <summary>Their sizes, and how floats are converted.</summary>
internal static class StoredTypes
{
    public static int Size(this StoredType type) => type switch
    {
        StoredType.Float32 => 4,
        StoredType.Float16 => 2,
        _ => 1,
    };

    /// <summary>What converts floats to and from this type, which is not that of codes.</summary>
    public static ElementType Floats(this StoredType type) => type == StoredType.Float16 ? ElementType.Float16 : ElementType.Float32;
}
