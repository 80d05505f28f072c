using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Graph;

/// <summary>How each part of a model is stored.</summary>
internal sealed record Precision
{
    /// <summary>The type of activations, and of all that is not quantised.</summary>
    public required StoredType Activations { get; init; }

    /// <summary>Whether the graph is for GPUs: no accuracy level, CUDA options in genai_config.json.</summary>
    public required bool IsForGpu { get; init; }

    /// <summary>Bits of layers' weights: 4, 8, 16 or 32.</summary>
    public required int Bits { get; init; }

    public required int BlockSize { get; init; }

    public required bool IsSymmetric { get; init; }

    /// <summary>Bits of the LM head.</summary>
    public required int HeadBits { get; init; }

    /// <summary>Layers whose bits differ from <see cref="Bits"/>.</summary>
    public required IReadOnlyDictionary<int, int> LayerBits { get; init; }

    /// <summary>The embedding's type; null for what the official builder writes.</summary>
    public EmbeddingType? Embedding { get; init; }

    /// <summary>A layer's blocks; null where it is stored in floats.</summary>
    public BlockFormat? Layer(int layer) => Format(LayerBits.TryGetValue(layer, out int bits) ? bits : Bits);

    /// <summary>The LM head's blocks; null where it is stored in floats.</summary>
    public BlockFormat? Head => Format(HeadBits);

    /// <summary>Blocks of so many bits; null for 16 and 32.</summary>
    public BlockFormat? Format(int bits) => bits <= 8 ? new BlockFormat(bits, BlockSize, IsSymmetric) : null;
}

/// <summary>Types that an embedding may have.</summary>
internal enum EmbeddingType
{
    Fp32,
    Fp16,
    Int8,
    Int4,
}
