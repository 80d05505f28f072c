using System.Text.Json.Nodes;
using LocalInference.Quantize.Chance;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>A small checkpoint of random weights in a shape that nobody would choose: what a seed drew, written to disk.</summary>
internal sealed class OddCheckpoint
{
    private readonly Random _chance;
    private readonly List<(string Name, long[] Shape)> _tensors = [];

    private OddCheckpoint(int seed, int? vocabulary)
    {
        _chance = new Random(seed);
        Config = DrawConfig();
        if (vocabulary is not null)
            Config["vocab_size"] = vocabulary;
        ListTensors();
    }

    public JsonObject Config { get; }

    public int VocabularySize => Value("vocab_size");

    public bool IsTied => Config["tie_word_embeddings"]!.GetValue<bool>();

    /// <summary>The tensors as written, rounding included.</summary>
    public Dictionary<string, double[]> Weights { get; } = [];

    private string Architecture => Config["architectures"]![0]!.GetValue<string>();

    /// <summary>Draws a model and writes it.</summary>
    /// <param name="seed">Draws.</param>
    /// <param name="folder">Is made.</param>
    /// <param name="vocabulary">Logits; null for what is drawn.</param>
    public static OddCheckpoint Write(int seed, string folder, int? vocabulary = null)
    {
        Directory.CreateDirectory(folder);
        var checkpoint = new OddCheckpoint(seed, vocabulary);
        File.WriteAllText(Path.Combine(folder, "config.json"), checkpoint.Config.ToJsonString());
        RandomTokenizer.Write(new OutputFolder(folder, new LocalDisk()), checkpoint.Value("max_position_embeddings"));
        checkpoint.WriteShards(folder);
        return checkpoint;
    }

    public int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => _chance.Next(VocabularySize))];

    public override string ToString() => Config.ToJsonString();

    private JsonObject DrawConfig()
    {
        int kvHeads = _chance.Next(1, 4), heads = kvHeads * _chance.Next(1, 4), headSize = 16 * _chance.Next(1, 6);
        // Without head_dim the heads' sizes follow from the width.
        bool saysHeadSize = _chance.Next(2) == 0;
        int hidden = saysHeadSize ? 4 * _chance.Next(5, 50) : heads * headSize;
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(Pick("LlamaForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM")),
            ["hidden_act"] = "silu",
            ["hidden_size"] = hidden,
            ["intermediate_size"] = _chance.Next(20, 200),
            ["num_hidden_layers"] = _chance.Next(1, 6),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = kvHeads,
            ["vocab_size"] = _chance.Next(272, 400),
            ["max_position_embeddings"] = _chance.Next(40, 300),
            ["rms_norm_eps"] = Pick(1e-5, 1e-6),
            ["tie_word_embeddings"] = _chance.Next(2) == 0,
            ["bos_token_id"] = RandomTokenizer.Begin,
            ["eos_token_id"] = Pick<JsonNode>(RandomTokenizer.End, new JsonArray(RandomTokenizer.End, 257)),
        };
        if (saysHeadSize)
            config["head_dim"] = headSize;
        if (kvHeads == heads && _chance.Next(2) == 0)
            config.Remove("num_key_value_heads");
        AddRope(config);
        return config;
    }

    private void AddRope(JsonObject config)
    {
        double theta = Pick(10000.0, 500000.0, 1000000.0), factor = Pick(2.0, 4.0, 8.0, 2.5);
        string rope = Pick(
            "null", "null", $$"""{"type": "linear", "factor": {{factor}}}""",
            $$"""{"rope_type": "llama3", "factor": {{factor}}, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}""",
            $$"""{"rope_type": "yarn", "factor": {{factor}}, "original_max_position_embeddings": 64}""",
            $$"""{"rope_type": "yarn", "factor": {{factor}}, "original_max_position_embeddings": 256, "truncate": false, "beta_fast": 16, "beta_slow": 2, "attn_factor": 0.9}""",
            $$"""{"type": "yarn", "factor": {{factor}}, "original_max_position_embeddings": 32, "mscale": 1.0, "mscale_all_dim": 0.707}""",
            $$"""{"rope_type": "yarn", "factor": {{factor}}, "original_max_position_embeddings": 48, "attention_factor": 1.3}""");
        var parsed = JsonNode.Parse(rope) as JsonObject;
        if (_chance.Next(4) == 0)
        {
            parsed ??= new JsonObject { ["rope_type"] = "default" };
            parsed["rope_theta"] = theta;
            config["rope_parameters"] = parsed;
            return;
        }
        config["rope_theta"] = theta;
        config["rope_scaling"] = parsed;
    }

    private void ListTensors()
    {
        int hidden = Value("hidden_size"), heads = Value("num_attention_heads"),
            kvHeads = Config["num_key_value_heads"] is null ? heads : Value("num_key_value_heads");
        int size = Config["head_dim"] is null ? hidden / heads : Value("head_dim"), mlp = Value("intermediate_size");
        // Qwen2 has biases behind q, k and v; of the others some files have them everywhere.
        bool biasEverywhere = Architecture != "Qwen2ForCausalLM" && _chance.Next(3) == 0,
            hasBias = biasEverywhere || Architecture == "Qwen2ForCausalLM";
        Add("model.embed_tokens.weight", Value("vocab_size"), hidden);
        for (int layer = 0; layer < Value("num_hidden_layers"); layer++)
        {
            string stem = $"model.layers.{layer}";
            Add($"{stem}.input_layernorm.weight", hidden);
            Linear($"{stem}.self_attn.q_proj", heads * size, hidden, hasBias);
            Linear($"{stem}.self_attn.k_proj", kvHeads * size, hidden, hasBias);
            Linear($"{stem}.self_attn.v_proj", kvHeads * size, hidden, hasBias);
            Linear($"{stem}.self_attn.o_proj", hidden, heads * size, biasEverywhere);
            if (Architecture == "Qwen3ForCausalLM")
            {
                Add($"{stem}.self_attn.q_norm.weight", size);
                Add($"{stem}.self_attn.k_norm.weight", size);
            }
            Add($"{stem}.post_attention_layernorm.weight", hidden);
            Linear($"{stem}.mlp.gate_proj", mlp, hidden, biasEverywhere);
            Linear($"{stem}.mlp.up_proj", mlp, hidden, biasEverywhere);
            Linear($"{stem}.mlp.down_proj", hidden, mlp, biasEverywhere);
        }
        Add("model.norm.weight", hidden);
        if (!IsTied)
            Add("lm_head.weight", Value("vocab_size"), hidden);

        void Linear(string stem, int rows, int columns, bool isBiased)
        {
            Add($"{stem}.weight", rows, columns);
            if (isBiased)
                Add($"{stem}.bias", rows);
        }

        void Add(string name, params long[] shape) => _tensors.Add((name, shape));
    }

    private void WriteShards(string folder)
    {
        int shards = _chance.Next(1, 5);
        string type = Pick("F32", "F16", "BF16");
        var index = new JsonObject();
        (string Name, long[] Shape)[] shuffled = [.. _tensors];
        _chance.Shuffle(shuffled);
        (string Name, string Type, long[] Shape, byte[] Bytes)[] made = [.. shuffled.Select(t => Make(t.Name, t.Shape, type))];
        for (int shard = 0; shard < shards; shard++)
        {
            string file = shards == 1 ? "model.safetensors" : $"model-{shard + 1:00000}-of-{shards:00000}.safetensors";
            (string Name, string Type, long[] Shape, byte[] Bytes)[] part = [.. made.Where((_, i) => i % shards == shard)];
            Tensors.WriteSafetensors(Path.Combine(folder, file), part);
            foreach ((string name, _, _, _) in part)
                index[name] = file;
        }
        if (shards > 1)
            File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"),
                new JsonObject { ["weight_map"] = index }.ToJsonString());
    }

    private (string Name, string Type, long[] Shape, byte[] Bytes) Make(string name, long[] shape, string type)
    {
        int count = (int)shape.Aggregate(1L, (a, b) => a * b);
        bool isNorm = name.Contains("norm", StringComparison.Ordinal);
        double size = isNorm || shape.Length == 1 ? 0.1 : name.Contains("embed", StringComparison.Ordinal) && !IsTied ? 1
            : 1.5 / Math.Sqrt(shape[^1]);
        byte[] bytes = new byte[count * (type == "F32" ? 4 : 2)];
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
        {
            float value = (float)(((_chance.NextDouble() + _chance.NextDouble() + _chance.NextDouble() - 1.5) * 2 * size)
                + (isNorm ? 1 : 0));
            values[i] = Store(value, type, bytes, i);
        }
        Weights[name] = values;
        return (name, type, shape, bytes);
    }

    private static double Store(float value, string type, byte[] bytes, int at)
    {
        switch (type)
        {
            case "F32":
                BitConverter.TryWriteBytes(bytes.AsSpan(at * 4), value);
                return value;
            case "F16":
                BitConverter.TryWriteBytes(bytes.AsSpan(at * 2), (Half)value);
                return (double)(Half)value;
            default:
                // Cut rather than rounded: what it is read back as is all that counts here.
                uint cut = BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000;
                BitConverter.TryWriteBytes(bytes.AsSpan(at * 2), (ushort)(cut >> 16));
                return BitConverter.UInt32BitsToSingle(cut);
        }
    }

    private int Value(string key) => Config[key]!.GetValue<int>();

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_chance.Next(choices.Length)];
}
