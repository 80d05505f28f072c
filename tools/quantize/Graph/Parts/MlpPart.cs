using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>The gated MLP: down(silu(gate(x)) * up(x)).</summary>
internal static class MlpPart
{
    public static string Build(DecoderContext context, int layer, string input)
    {
        CheckpointConfig config = context.Config;
        GraphBuilder graph = context.Builder;
        int width = config.IntermediateSize;
        string path = $"/model/layers.{layer}/mlp", stem = $"model.layers.{layer}.mlp";
        string gate = ProjectionPart.Build(context, layer, "mlp/gate_proj", input, config.HiddenSize, ($"{stem}.gate_proj", width));
        string up = ProjectionPart.Build(context, layer, "mlp/up_proj", input, config.HiddenSize, ($"{stem}.up_proj", width));
        string sigmoid = graph.Rows($"{path}/act_fn/Sigmoid", "", "Sigmoid", [gate], $"{path}/act_fn/Sigmoid/output_0", width);
        string activated = graph.Rows($"{path}/act_fn/Mul", "", "Mul", [gate, sigmoid], $"{path}/act_fn/Mul/output_0", width);
        string gated = graph.Rows($"{path}/Mul", "", "Mul", [activated, up], $"{path}/Mul/output_0", width);
        return ProjectionPart.Build(context, layer, "mlp/down_proj", gated, width, ($"{stem}.down_proj", config.HiddenSize));
    }
}
