using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Chance;

/// <summary>
/// Weights out of nothing: each value is a function of seed, tensor and place, so that any block can be made at any time by any core and
/// two runs agree. Values are near normal and rounded to bfloat16, as a checkpoint on disk would be.
/// </summary>
internal sealed class RandomWeights : IWeightSource
{
    // Sizes that keep activations plausible: each projection keeps the size of what goes in, what joins the residual stream is shrunk by
    // the number of such additions, and logits get a spread of a few units, so that their softmax is neither flat nor a single token.
    private const double LogitSpread = 2.5;
    private const double EmbeddingSpread = 1;
    private const double BiasSpread = 0.1;
    private const double NormSpread = 0.05;

    // The sum of four uniform numbers from 0 to 65535 has this mean and standard deviation.
    private const float SumMean = 4 * 65535 / 2f;
    private const float SumDeviation = 37837.0f;

    private readonly Dictionary<string, Tensor> _tensors = [];

    /// <summary>Lists the tensors of a model.</summary>
    public RandomWeights(CheckpointConfig config, string name, ulong seed)
    {
        Description = $"random weights of {name}, seed {seed}";
        int hidden = config.HiddenSize, query = config.HeadCount * config.HeadSize, key = config.KvHeadCount * config.HeadSize;
        bool hasBias = config.Architecture.StartsWith("Qwen2", StringComparison.Ordinal),
            hasHeadNorm = config.Architecture.StartsWith("Qwen3", StringComparison.Ordinal);
        double residual = 1 / Math.Sqrt(2 * config.LayerCount);
        Add("model.embed_tokens.weight", config.IsTied ? LogitSpread / Math.Sqrt(hidden) : EmbeddingSpread, 0, config.VocabularySize,
            hidden);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            string stem = $"model.layers.{layer}";
            Add($"{stem}.input_layernorm.weight", NormSpread, 1, hidden);
            AddLinear($"{stem}.self_attn.q_proj", query, hidden, 1, hasBias);
            AddLinear($"{stem}.self_attn.k_proj", key, hidden, 1, hasBias);
            AddLinear($"{stem}.self_attn.v_proj", key, hidden, 1, hasBias);
            AddLinear($"{stem}.self_attn.o_proj", hidden, query, residual, false);
            if (hasHeadNorm)
            {
                Add($"{stem}.self_attn.q_norm.weight", NormSpread, 1, config.HeadSize);
                Add($"{stem}.self_attn.k_norm.weight", NormSpread, 1, config.HeadSize);
            }
            Add($"{stem}.post_attention_layernorm.weight", NormSpread, 1, hidden);
            AddLinear($"{stem}.mlp.gate_proj", config.IntermediateSize, hidden, 1, false);
            AddLinear($"{stem}.mlp.up_proj", config.IntermediateSize, hidden, 1, false);
            // silu(gate) * up is smaller than what went in.
            AddLinear($"{stem}.mlp.down_proj", hidden, config.IntermediateSize, 2 * residual, false);
        }
        Add("model.norm.weight", NormSpread, 1, hidden);
        if (!config.IsTied)
            Add("lm_head.weight", LogitSpread / Math.Sqrt(hidden), 0, config.VocabularySize, hidden);

        void AddLinear(string stem, int rows, int columns, double gain, bool isBiased)
        {
            Add($"{stem}.weight", gain / Math.Sqrt(columns), 0, rows, columns);
            if (isBiased)
                Add($"{stem}.bias", BiasSpread, 0, rows);
        }

        void Add(string tensor, double deviation, double mean, params long[] shape) =>
            _tensors[tensor] = new Tensor(Mix(seed + (Mix((ulong)_tensors.Count + 1) << 1)), (float)deviation, (float)mean, shape);
    }

    public string Description { get; }

    public IReadOnlyCollection<string> Names => _tensors.Keys;

    public IReadOnlyList<long>? ShapeOf(string name) => _tensors.TryGetValue(name, out Tensor? tensor) ? tensor.Shape : null;

    public ElementType TypeOf(string name) => ElementType.BFloat16;

    public string Locate(string name) => $"{Description}: tensor '{name}'";

    public void Read(string name, MatrixBlock block, Span<float> values)
    {
        Tensor tensor = _tensors[name];
        long columns = tensor.Shape.Length > 1 ? tensor.Shape[^1] : 1;
        float scale = tensor.Deviation / SumDeviation;
        for (int row = 0; row < block.RowCount; row++)
        {
            ulong place = tensor.Seed + (ulong)(((block.FirstRow + row) * columns) + block.FirstColumn);
            Span<float> run = values.Slice(row * block.ColumnCount, block.ColumnCount);
            for (int i = 0; i < run.Length; i++)
            {
                ulong bits = Mix(place + (ulong)i);
                uint sum = (uint)(bits & 0xFFFF) + (uint)((bits >> 16) & 0xFFFF) + (uint)((bits >> 32) & 0xFFFF) + (uint)(bits >> 48);
                float value = ((sum - SumMean) * scale) + tensor.Mean;
                run[i] = BitConverter.UInt32BitsToSingle(ElementTypes.RoundToBFloat16(value));
            }
        }
    }

    public void Release()
    {
        // Nothing is kept.
    }

    // SplitMix64's finaliser.
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private sealed record Tensor(ulong Seed, float Deviation, float Mean, long[] Shape);
}
