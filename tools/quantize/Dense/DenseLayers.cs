using System.Numerics.Tensors;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Graph;

namespace LocalInference.Quantize.Dense;

/// <summary>
/// A dense decoder in single precision, layer by layer, its weights streamed from their source: what a checkpoint says before it is
/// quantised, on any machine. Llama, Qwen2 and Qwen3, whose differences are found by their tensors.
/// </summary>
internal sealed class DenseLayers
{
    // Rows of a weight that are read at once: they fit a second-level cache beside a band of activations.
    private const int WeightRows = 64;
    private const int TokenBand = 32;

    private readonly CheckpointConfig _config;
    private readonly IWeightSource _weights;
    private readonly DenseAttention _attention;
    private readonly int[] _starts;
    private readonly CancellationToken _cancellationToken;
    private readonly float[] _stream;

    /// <summary>Looks the tokens up.</summary>
    public DenseLayers(CheckpointConfig config, IWeightSource weights, RotaryTable rotary, IReadOnlyList<int[]> sequences,
        CancellationToken cancellationToken)
    {
        (_config, _weights, _cancellationToken) = (config, weights, cancellationToken);
        _starts = new int[sequences.Count + 1];
        for (int i = 0; i < sequences.Count; i++)
            _starts[i + 1] = _starts[i] + sequences[i].Length;
        _attention = new DenseAttention(config, rotary, _starts, cancellationToken);
        _stream = new float[TokenCount * config.HiddenSize];
        int token = 0;
        foreach (int id in sequences.SelectMany(s => s))
            weights.Read("model.embed_tokens.weight", new MatrixBlock(id, 1, 0, config.HiddenSize),
                _stream.AsSpan(token++ * config.HiddenSize, config.HiddenSize));
    }

    /// <summary>Told what goes into a product, before it is taken.</summary>
    /// <param name="tensors">The weights that it is multiplied by.</param>
    /// <param name="inputs">[tokens, width].</param>
    /// <param name="width">Of a row.</param>
    public delegate void Observe(string[] tensors, float[] inputs, int width);

    public int TokenCount => _starts[^1];

    /// <summary>Runs the next layer over all tokens.</summary>
    public void Run(int layer, Observe? observe = null)
    {
        string stem = $"model.layers.{layer}.";
        int hidden = _config.HiddenSize, query = _config.HeadCount * _config.HeadSize, key = _config.KvHeadCount * _config.HeadSize;
        float[] normed = Norm(_stream, $"{stem}input_layernorm.weight", hidden);
        observe?.Invoke([$"{stem}self_attn.q_proj.weight"], normed, hidden);
        float[] q = Product(normed, $"{stem}self_attn.q_proj", query), k = Product(normed, $"{stem}self_attn.k_proj", key),
            v = Product(normed, $"{stem}self_attn.v_proj", key);
        if (_weights.ShapeOf($"{stem}self_attn.q_norm.weight") is not null)
        {
            q = Norm(q, $"{stem}self_attn.q_norm.weight", _config.HeadSize);
            k = Norm(k, $"{stem}self_attn.k_norm.weight", _config.HeadSize);
        }
        float[] attended = _attention.Attend(q, k, v);
        observe?.Invoke([$"{stem}self_attn.o_proj.weight"], attended, query);
        TensorPrimitives.Add(_stream, Product(attended, $"{stem}self_attn.o_proj", hidden), _stream);
        normed = Norm(_stream, $"{stem}post_attention_layernorm.weight", hidden);
        observe?.Invoke([$"{stem}mlp.gate_proj.weight", $"{stem}mlp.up_proj.weight"], normed, hidden);
        float[] gate = Product(normed, $"{stem}mlp.gate_proj", _config.IntermediateSize),
            up = Product(normed, $"{stem}mlp.up_proj", _config.IntermediateSize);
        for (int i = 0; i < gate.Length; i++)
            up[i] *= gate[i] / (1 + MathF.Exp(-gate[i]));
        observe?.Invoke([$"{stem}mlp.down_proj.weight"], up, _config.IntermediateSize);
        TensorPrimitives.Add(_stream, Product(up, $"{stem}mlp.down_proj", hidden), _stream);
    }

    /// <summary>What goes into the LM head, once all layers have run; [tokens, hidden].</summary>
    public float[] Hidden() => Norm(_stream, "model.norm.weight", _config.HiddenSize);

    /// <summary>The LM head's tensor.</summary>
    public string HeadTensor => _config.IsTied ? "model.embed_tokens.weight" : "lm_head.weight";

    /// <summary>Logits of a sequence's tokens; [tokens, vocabulary].</summary>
    /// <param name="hidden">Of <see cref="Hidden"/>.</param>
    /// <param name="sequence">Which.</param>
    public float[] Logits(float[] hidden, int sequence)
    {
        int from = _starts[sequence] * _config.HiddenSize, end = _starts[sequence + 1] * _config.HiddenSize;
        return Product(hidden[from..end], HeadTensor[..^".weight".Length], _config.VocabularySize);
    }

    private float[] Norm(float[] rows, string tensor, int width)
    {
        float[] weight = new float[width], normed = new float[rows.Length];
        _weights.Read(tensor, new MatrixBlock(0, width, 0, 1), weight);
        for (int i = 0; i < rows.Length; i += width)
        {
            ReadOnlySpan<float> row = rows.AsSpan(i, width);
            float scale = 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares(row) / width) + _config.NormEpsilon);
            TensorPrimitives.Multiply(row, scale, normed.AsSpan(i, width));
            TensorPrimitives.Multiply(normed.AsSpan(i, width), weight, normed.AsSpan(i, width));
        }
        return normed;
    }

    private float[] Product(float[] inputs, string stem, int outputs)
    {
        int width = (int)_weights.ShapeOf($"{stem}.weight")![1], tokens = inputs.Length / width;
        float[] result = new float[tokens * outputs];
        float[]? bias = _weights.ShapeOf($"{stem}.bias") is null ? null : new float[outputs];
        if (bias is not null)
            _weights.Read($"{stem}.bias", new MatrixBlock(0, outputs, 0, 1), bias);
        Parallel.For(0, (outputs + WeightRows - 1) / WeightRows, new ParallelOptions { CancellationToken = _cancellationToken }, part =>
        {
            int first = part * WeightRows, count = Math.Min(WeightRows, outputs - first);
            float[] weight = new float[count * width];
            _weights.Read($"{stem}.weight", new MatrixBlock(first, count, 0, width), weight);
            for (int token = 0; token < tokens; token += TokenBand)
            {
                int band = Math.Min(TokenBand, tokens - token);
                RowProducts.Multiply(
                    new RowSet(inputs.AsSpan(token * width), width, band), new RowSet(weight, width, count), width,
                    result.AsSpan((token * outputs) + first), outputs);
                for (int row = token; bias is not null && row < token + band; row++)
                    TensorPrimitives.Add(result.AsSpan((row * outputs) + first, count), bias.AsSpan(first, count),
                        result.AsSpan((row * outputs) + first, count));
            }
        });
        _weights.Release();
        return result;
    }
}
