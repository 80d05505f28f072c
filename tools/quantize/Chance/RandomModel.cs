using System.Text.Json.Nodes;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Chance;

/// <summary>A configuration of a real model (or a tiny one) that random weights can be made for.</summary>
/// <param name="Name">As <c>--random</c> takes it.</param>
/// <param name="Architecture">As in config.json.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Mlp">Width of the MLP.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadSize">Elements of a head.</param>
/// <param name="Vocabulary">Logits.</param>
/// <param name="Context">Positions.</param>
internal sealed record RandomModel(
    string Name, string Architecture, int Layers, int Hidden, int Mlp, int Heads, int KvHeads, int HeadSize, int Vocabulary, int Context)
{
    private const string Qwen2 = "Qwen2ForCausalLM";
    private const string Qwen3 = "Qwen3ForCausalLM";
    private const string Llama = "LlamaForCausalLM";

    /// <summary>All that are known.</summary>
    public static readonly IReadOnlyList<RandomModel> All =
    [
        new("DeepSeek-R1-Distill-Qwen-1.5B", Qwen2, 28, 1536, 8960, 12, 2, 128, 151936, 131072) { Theta = 10000 },
        new("DeepSeek-R1-Distill-Qwen-7B", Qwen2, 28, 3584, 18944, 28, 4, 128, 152064, 131072) { Theta = 10000 },
        new("DeepSeek-R1-Distill-Llama-8B", Llama, 32, 4096, 14336, 32, 8, 128, 128256, 131072)
        {
            Theta = 500000, Epsilon = 1e-5,
                Scaling =
                """{"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"}""",
        },
        new("DeepSeek-R1-0528-Qwen3-8B", Qwen3, 36, 4096, 12288, 32, 8, 128, 151936, 131072)
        {
            Theta = 1000000,
                Scaling =
                """{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768, "attn_factor": 0.8782488562869419}""",
        },
        new("deepseek-llm-7b", Llama, 30, 4096, 11008, 32, 32, 128, 102400, 4096) { Theta = 10000 },
        new("deepseek-coder-6.7b", Llama, 32, 4096, 11008, 32, 32, 128, 32256, 16384) { Theta = 100000,
            Scaling = """{"factor": 4.0, "type": "linear"}""" },
        new("tiny-qwen2", Qwen2, 4, 256, 768, 4, 2, 64, 2048, 4096) { Theta = 10000, IsTied = true },
        new("tiny-qwen2-untied", Qwen2, 3, 192, 512, 6, 2, 32, 1024, 2048) { Theta = 10000 },
        new("tiny-llama", Llama, 3, 256, 768, 4, 2, 64, 1024, 2048)
        {
            Theta = 500000, Epsilon = 1e-5,
                Scaling =
                """{"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 256, "rope_type": "llama3"}""",
        },
        new("tiny-qwen3", Qwen3, 3, 256, 768, 4, 2, 64, 1024, 2048) { Theta = 1000000 },
    ];

    public required double Theta { get; init; }

    public double Epsilon { get; init; } = 1e-6;

    public bool IsTied { get; init; }

    /// <summary>The JSON of rope_scaling; null for none.</summary>
    public string? Scaling { get; init; }

    /// <summary>Finds a model by its name, in any case.</summary>
    public static RandomModel Find(string name) => All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new QuantizeException($"--random is '{name}'; known: {string.Join(", ", All.Select(m => m.Name))}.");

    /// <summary>Writes the model's small files and gives it weights.</summary>
    /// <param name="seed">Of the weights.</param>
    /// <param name="folder">Where config.json and the tokenizer go.</param>
    public ModelSource Make(ulong seed, OutputFolder folder)
    {
        folder.Write(CheckpointConfig.FileName, Config());
        RandomTokenizer.Write(folder, Context);
        return ModelSource.Open(folder.Path, config => new RandomWeights(config, Name, seed));
    }

    /// <summary>The config.json of such a model.</summary>
    public JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray(Architecture),
        ["bos_token_id"] = RandomTokenizer.Begin,
        ["eos_token_id"] = RandomTokenizer.End,
        ["head_dim"] = HeadSize,
        ["hidden_act"] = "silu",
        ["hidden_size"] = Hidden,
        ["intermediate_size"] = Mlp,
        ["max_position_embeddings"] = Context,
        ["model_type"] = Architecture[..5].ToLowerInvariant(),
        ["num_attention_heads"] = Heads,
        ["num_hidden_layers"] = Layers,
        ["num_key_value_heads"] = KvHeads,
        ["rms_norm_eps"] = Epsilon,
        ["rope_scaling"] = Scaling is null ? null : JsonNode.Parse(Scaling),
        ["rope_theta"] = Theta,
        ["tie_word_embeddings"] = IsTied,
        ["torch_dtype"] = "bfloat16",
        ["vocab_size"] = Vocabulary,
    };
}
