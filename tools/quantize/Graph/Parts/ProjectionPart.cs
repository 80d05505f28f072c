using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>A matrix as it is stored: in floats, or in blocks.</summary>
/// <param name="Floats">[inputs, outputs]; null where it is quantised.</param>
/// <param name="Quantized">Null where it is floats.</param>
/// <param name="Inputs">Width of what goes in.</param>
/// <param name="Outputs">Width of what comes out.</param>
internal sealed record ProjectedWeight(StoredTensor? Floats, QuantizedTensors? Quantized, int Inputs, long Outputs);

/// <summary>Products with a weight: <c>MatMul</c> or <c>MatMulNBits</c>, and the bias behind it.</summary>
internal static class ProjectionPart
{
    /// <summary>The level at which ONNX Runtime's CPU kernel computes with 8-bit activations, as the official builder sets it.</summary>
    private const int AccuracyLevel = 4;

    /// <summary>Plans a weight.</summary>
    /// <param name="context">The model.</param>
    /// <param name="name">The initialiser's stem, as in <c>model.layers.0.attn.o_proj</c>.</param>
    /// <param name="matrix">The weight.</param>
    /// <param name="format">Its blocks; null for floats.</param>
    /// <param name="group">See <see cref="WeightJob.Group"/>.</param>
    public static ProjectedWeight Store(DecoderContext context, string name, WeightMatrix matrix, BlockFormat? format, int group) =>
        format is null
        ? new ProjectedWeight(context.Plan.AddFloats($"{name}.MatMul.weight", matrix, context.Precision.Activations, group,
            isTransposed: true), null, matrix.Columns, matrix.Rows)
        : new ProjectedWeight(null, context.Plan.AddQuantized($"{name}.MatMul.weight", matrix, format, context.Precision.Activations,
            group), matrix.Columns, matrix.Rows);

    /// <summary>Adds the product.</summary>
    /// <param name="context">The model.</param>
    /// <param name="path">Where in the graph, as in <c>/model/layers.0/attn/o_proj</c>.</param>
    /// <param name="input">What is multiplied.</param>
    /// <param name="weight">By what.</param>
    /// <param name="output">The output's name; null for the usual one.</param>
    public static string Multiply(DecoderContext context, string path, string input, ProjectedWeight weight, string? output = null)
    {
        output ??= $"{path}/MatMul/output_0";
        if (weight.Quantized is not { } tensors)
            return context.Builder.Rows($"{path}/MatMul", "", "MatMul", [input, weight.Floats!.Name], output, weight.Outputs);
        string[] zeroPoints = tensors.ZeroPoints is null ? [] : [tensors.ZeroPoints.Name];
        AttributeProto[] level = context.Precision.IsForGpu ? [] : [Nodes.IntAttribute("accuracy_level", AccuracyLevel)];
        return context.Builder.Rows(
            $"{path}/MatMul_Q{tensors.Format.Bits}", GraphBuilder.ContribDomain, "MatMulNBits",
            [input, tensors.Codes.Name, tensors.Scales.Name, .. zeroPoints], output, weight.Outputs,
            [
                Nodes.IntAttribute("K", weight.Inputs), Nodes.IntAttribute("N", weight.Outputs), .. level,
                Nodes.IntAttribute("bits", tensors.Format.Bits), Nodes.IntAttribute("block_size", tensors.Format.BlockSize),
            ]);
    }

    /// <summary>A layer's product with its bias, if it has one.</summary>
    /// <param name="context">The model.</param>
    /// <param name="layer">From 0.</param>
    /// <param name="path">Where in the layer, as in <c>attn/o_proj</c>.</param>
    /// <param name="input">What is multiplied.</param>
    /// <param name="tensors">The checkpoint's stems, below each other, with their outputs.</param>
    /// <param name="inputs">Width of the input.</param>
    public static string Build(DecoderContext context, int layer, string path, string input, int inputs,
        params ReadOnlySpan<(string Stem, long Outputs)> tensors)
    {
        var weights = new (string, long)[tensors.Length];
        var biases = new (string, long)[tensors.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            weights[i] = ($"{tensors[i].Stem}.weight", tensors[i].Outputs);
            biases[i] = ($"{tensors[i].Stem}.bias", tensors[i].Outputs);
        }
        string node = $"/model/layers.{layer}/{path}", name = node[1..].Replace('/', '.');
        ProjectedWeight weight = Store(context, name, context.Catalog.Stack(inputs, weights), context.Precision.Layer(layer), layer);
        string product = Multiply(context, node, input, weight);
        if (context.Catalog.Vectors(biases) is not { } bias)
            return product;
        string added = context.Plan.AddVector($"{name}.Add.bias", bias, context.Precision.Activations, layer).Name;
        return context.Builder.Rows($"{node}/Add", "", "Add", [product, added], $"{node}/Add/output_0", weight.Outputs);
    }
}
