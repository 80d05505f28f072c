using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>Token ids to hidden states: a table in floats or blocks, its own or the LM head's.</summary>
internal static class EmbeddingPart
{
    private const string Tensor = "model.embed_tokens.weight";

    /// <summary>Adds the graph's input and the look-up.</summary>
    /// <param name="context">The model.</param>
    /// <param name="head">The LM head as it is stored, which a tied embedding may share.</param>
    /// <returns>The hidden states.</returns>
    public static string Build(DecoderContext context, ProjectedWeight head)
    {
        context.Builder.Input(OnnxNames.InputIds, OnnxTypes.Int64, "batch_size", "sequence_length");
        Precision precision = context.Precision;
        BlockFormat? format = Format(context, head);
        if (format is not null)
            return Quantized(context, context.Config.IsTied && head.Quantized?.Format == format ? head.Quantized : Own(context, format));
        StoredType type = precision.Embedding switch
        {
            EmbeddingType.Fp32 => StoredType.Float32,
            EmbeddingType.Fp16 => StoredType.Float16,
            _ => precision.Activations,
        };
        return context.Config.IsTied && head.Floats is { } shared && shared.Type == type ? Transposed(context, shared)
            : Table(context, type);
    }

    /// <summary>
    /// The blocks that are asked for; what the official builder does where nothing is: a tied 4-bit head is shared, all else is floats.
    /// </summary>
    private static BlockFormat? Format(DecoderContext context, ProjectedWeight head)
    {
        Precision precision = context.Precision;
        int width = context.Config.HiddenSize;
        bool fits = width % precision.BlockSize == 0;
        if (precision.Embedding is EmbeddingType.Int8 or EmbeddingType.Int4 && !fits)
            throw new QuantizeException(
                $"--embedding {precision.Embedding.ToString()!.ToLowerInvariant()}: rows of {width} are no multiple of "
                + $"--block {precision.BlockSize}. Use a smaller block, or --embedding fp16.");
        return precision.Embedding switch
        {
            EmbeddingType.Int8 => precision.Format(8),
            EmbeddingType.Int4 => precision.Format(4),
            null when context.Config.IsTied && fits && head.Quantized?.Format is { Bits: 4 } shared => shared,
            _ => null,
        };
    }

    private static QuantizedTensors Own(DecoderContext context, BlockFormat format) =>
        context.Plan.AddQuantized(Tensor, Matrix(context), format, context.Precision.Activations, -1);

    private static WeightMatrix Matrix(DecoderContext context) =>
        context.Catalog.Matrix(Tensor, context.Config.VocabularySize, context.Config.HiddenSize);

    private static string Quantized(DecoderContext context, QuantizedTensors tensors)
    {
        GraphBuilder graph = context.Builder;
        long rows = tensors.Codes.Dims[0], bytes = tensors.Codes.Dims[1] * tensors.Codes.Dims[2];
        string codes = graph.Node(
            "/model/embed_tokens/Reshape", "", "Reshape", [tensors.Codes.Name, graph.Ints(rows, bytes)],
            "/model/embed_tokens/Reshape/output_0", (int)StoredType.UInt8, [rows, bytes]);
        string[] zeroPoints = tensors.ZeroPoints is null ? [] : [tensors.ZeroPoints.Name];
        return graph.Rows(
            "/model/embed_tokens/GatherBlockQuantized", GraphBuilder.ContribDomain, "GatherBlockQuantized",
            [codes, OnnxNames.InputIds, tensors.Scales.Name, .. zeroPoints],
            "/model/embed_tokens/GatherBlockQuantized/output_0",
            context.Config.HiddenSize,
            Nodes.IntAttribute("bits", tensors.Format.Bits), Nodes.IntAttribute("block_size", tensors.Format.BlockSize),
            Nodes.IntAttribute("gather_axis", 0), Nodes.IntAttribute("quantize_axis", 1));
    }

    private static string Transposed(DecoderContext context, StoredTensor head)
    {
        string table = context.Builder.Node(
            "/model/embed_tokens/Transpose", "", "Transpose", [head.Name], "/model/embed_tokens/Transpose/output_0", (int)head.Type,
            [head.Dims[1], head.Dims[0]], Permutation());
        return Gather(context, table);
    }

    private static string Table(DecoderContext context, StoredType type)
    {
        StoredTensor table = context.Plan.AddFloats(Tensor, Matrix(context), type, -1);
        if (type == context.Precision.Activations)
            return Gather(context, table.Name);
        string rows = context.Builder.Node(
            "/model/embed_tokens/Gather", "", "Gather", [table.Name, OnnxNames.InputIds], "/model/embed_tokens/Gather/output_0", (int)type,
            ["batch_size", "sequence_length", (long)context.Config.HiddenSize]);
        return context.Builder.Rows(
            "/model/embed_tokens/Cast", "", "Cast", [rows], "/model/embed_tokens/Cast/output_0", context.Config.HiddenSize,
            Nodes.IntAttribute("to", (int)context.Precision.Activations));
    }

    private static string Gather(DecoderContext context, string table) => context.Builder.Rows(
        "/model/embed_tokens/Gather", "", "Gather", [table, OnnxNames.InputIds], "/model/embed_tokens/Gather/output_0",
        context.Config.HiddenSize);

    private static AttributeProto Permutation()
    {
        var attribute = new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add([1, 0]);
        return attribute;
    }
}
