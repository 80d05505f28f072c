using LocalInference.Onnx.Graph;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>The LM head: hidden states to logits; its weight may be the embedding's.</summary>
internal static class HeadPart
{
    /// <summary>Plans the weight.</summary>
    public static ProjectedWeight Store(DecoderContext context)
    {
        CheckpointConfig config = context.Config;
        WeightMatrix matrix = context.Catalog.Matrix(config.IsTied ? "model.embed_tokens.weight" : "lm_head.weight", config.VocabularySize,
            config.HiddenSize);
        return ProjectionPart.Store(context, "lm_head", matrix, context.Precision.Head, config.LayerCount);
    }

    /// <summary>Adds the product and the graph's output.</summary>
    public static void Build(DecoderContext context, string hidden, ProjectedWeight weight)
    {
        ProjectionPart.Multiply(context, "/lm_head", hidden, weight, OnnxNames.Logits);
        context.Builder.Output(OnnxNames.Logits, context.Builder.FloatType, "batch_size", "sequence_length", context.Config.VocabularySize);
    }
}
