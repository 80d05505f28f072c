using LocalInference.Quantize.Graph.Parts;

namespace LocalInference.Quantize.Graph.Architectures;

/// <summary>Qwen3 (R1-0528-Qwen3-8B): as Llama, with each query and key head normed.</summary>
internal sealed class Qwen3Architecture : LlamaArchitecture
{
    protected override IReadOnlyList<string> Names => ["Qwen3ForCausalLM"];

    protected override string Attend(DecoderContext context, AttentionPart attention, int layer, string packed)
    {
        (string query, string key, string value) = HeadNormPart.Build(context, layer, packed);
        return attention.Build(layer, query, key, value);
    }
}
