using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Graph.Parts;

namespace LocalInference.Quantize.Graph.Architectures;

/// <summary>
/// Llama and Qwen2 (with biases, which are found by their tensors): norm, packed attention, norm, gated MLP, layer by layer.
/// DeepSeek-LLM, DeepSeek-Coder and the R1 distills are of these.
/// </summary>
internal class LlamaArchitecture : Architecture
{
    protected override IReadOnlyList<string> Names => ["LlamaForCausalLM", "Qwen2ForCausalLM"];

    public override void Build(DecoderContext context)
    {
        ProjectedWeight head = HeadPart.Store(context);
        // 1. What all layers share.
        string output = EmbeddingPart.Build(context, head);
        var attention = new AttentionPart(context, MaskPart.Build(context.Builder), RopePart.Build(context));
        AttentionPart.DescribeCaches(context);
        // 2. The layers; each part's output joins the residual stream in the norm behind it.
        var norm = new NormPart(context);
        for (int layer = 0; layer < context.Config.LayerCount; layer++)
        {
            string stem = $"model.layers.{layer}", path = $"layers.{layer}";
            string normed = norm.Build($"{stem}.input_layernorm.weight", $"{path}/input_layernorm", output, layer);
            output = Attention(context, attention, layer, normed);
            normed = norm.Build($"{stem}.post_attention_layernorm.weight", $"{path}/post_attention_layernorm", output, layer);
            output = MlpPart.Build(context, layer, normed);
        }
        // 3. Logits.
        int last = context.Config.LayerCount;
        string hidden = norm.Build("model.norm.weight", $"layers.{last}/final_norm_layernorm", output, last, isLast: true);
        HeadPart.Build(context, hidden, head);
    }

    /// <summary>The operator between the packed projection and the output projection.</summary>
    protected virtual string Attend(DecoderContext context, AttentionPart attention, int layer, string packed) =>
        attention.Build(layer, packed);

    private string Attention(DecoderContext context, AttentionPart attention, int layer, string input)
    {
        CheckpointConfig config = context.Config;
        int queryWidth = config.HeadCount * config.HeadSize, keyWidth = config.KvHeadCount * config.HeadSize;
        string stem = $"model.layers.{layer}.self_attn";
        string packed = ProjectionPart.Build(
            context, layer, "attn/qkv_proj", input, config.HiddenSize, ($"{stem}.q_proj", queryWidth), ($"{stem}.k_proj", keyWidth),
            ($"{stem}.v_proj", keyWidth));
        string attended = Attend(context, attention, layer, packed);
        return ProjectionPart.Build(context, layer, "attn/o_proj", attended, queryWidth, ($"{stem}.o_proj", config.HiddenSize));
    }
}
