using System.Text.Json.Nodes;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>
/// Llama, Qwen2 and Qwen3 in double precision, as plainly as they can be written: reads config.json and tensors by itself and shares no
/// line with the tool, so that it can judge both its graphs and its own dense evaluation.
/// </summary>
/// <param name="config">config.json.</param>
/// <param name="weights">Tensors by their names in a checkpoint.</param>
internal sealed class PlainDecoder(JsonObject config, IReadOnlyDictionary<string, double[]> weights)
{
    private readonly int _hidden = Int("hidden_size", config), _heads = Int("num_attention_heads", config);

    private int KvHeads => config["num_key_value_heads"] is null ? _heads : Int("num_key_value_heads", config);

    private int HeadSize => config["head_dim"] is null ? _hidden / _heads : Int("head_dim", config);

    /// <summary>Logits of all tokens; [tokens, vocabulary].</summary>
    public double[] Logits(int[] ids)
    {
        double[][] stream = [.. ids.Select(id => weights["model.embed_tokens.weight"][(id * _hidden)..((id + 1) * _hidden)])];
        for (int layer = 0; layer < Int("num_hidden_layers", config); layer++)
        {
            string stem = $"model.layers.{layer}.";
            Add(stream, Attention($"{stem}self_attn.", Norms(stream, $"{stem}input_layernorm.weight")));
            Add(stream, [.. Norms(stream, $"{stem}post_attention_layernorm.weight").Select(row => Mlp($"{stem}mlp.", row))]);
        }
        string head = weights.ContainsKey("lm_head.weight") ? "lm_head" : "model.embed_tokens";
        return [.. Norms(stream, "model.norm.weight").SelectMany(row => Project(head, row))];
    }

    private double[][] Attention(string stem, double[][] rows)
    {
        double[][] q = Heads($"{stem}q_proj", $"{stem}q_norm.weight", rows), k = Heads($"{stem}k_proj", $"{stem}k_norm.weight", rows);
        double[][] v = [.. rows.Select(row => Project($"{stem}v_proj", row))];
        int size = HeadSize, group = _heads / KvHeads;
        return [.. rows.Select((_, token) => Project($"{stem}o_proj",
            [.. Enumerable.Range(0, _heads).SelectMany(head => Attend(token, head))]))];

        double[] Attend(int token, int head)
        {
            int at = head * size, from = head / group * size;
            double[] scores = [.. Enumerable.Range(0, token + 1).Select(p =>
                Enumerable.Range(0, size).Sum(i => q[token][at + i] * k[p][from + i]) / Math.Sqrt(size))];
            double[] shares = [.. scores.Select(s => Math.Exp(s - scores.Max()))];
            return [.. Enumerable.Range(0, size).Select(i => shares.Select((share, p) => share * v[p][from + i]).Sum() / shares.Sum())];
        }
    }

    /// <summary>Queries or keys: projected, normed by head where the model does so, and rotated.</summary>
    private double[][] Heads(string projection, string norm, double[][] rows) =>
        [.. rows.Select((row, position) => Project(projection, row).Chunk(HeadSize).Select(h =>
            weights.ContainsKey(norm) ? Norm(h, norm) : h).SelectMany(h => Rotate(h, position)).ToArray())];

    private double[] Rotate(double[] head, int position)
    {
        int pairs = head.Length / 2;
        double[] frequencies = Frequencies(), rotated = new double[head.Length];
        double magnitude = Magnitude();
        for (int i = 0; i < pairs; i++)
        {
            double cosine = Math.Cos(position * frequencies[i]) * magnitude, sine = Math.Sin(position * frequencies[i]) * magnitude;
            rotated[i] = (head[i] * cosine) - (head[i + pairs] * sine);
            rotated[i + pairs] = (head[i + pairs] * cosine) + (head[i] * sine);
        }
        return rotated;
    }

    private double[] Mlp(string stem, double[] row)
    {
        double[] gate = Project($"{stem}gate_proj", row), up = Project($"{stem}up_proj", row);
        return Project($"{stem}down_proj", [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]);
    }

    private double[] Project(string stem, double[] row)
    {
        double[] weight = weights[$"{stem}.weight"];
        double[]? bias = weights.GetValueOrDefault($"{stem}.bias");
        double[] result = new double[weight.Length / row.Length];
        for (int i = 0; i < result.Length; i++)
        {
            double sum = bias is null ? 0 : bias[i];
            for (int j = 0; j < row.Length; j++)
                sum += weight[(i * row.Length) + j] * row[j];
            result[i] = sum;
        }
        return result;
    }

    private double[][] Norms(double[][] rows, string tensor) => [.. rows.Select(row => Norm(row, tensor))];

    private double[] Norm(double[] row, string tensor)
    {
        double scale = 1 / Math.Sqrt(row.Average(x => x * x) + Number("rms_norm_eps", config, 1e-6));
        return [.. row.Zip(weights[tensor], (x, w) => x * scale * w)];
    }

    private JsonObject? Rope => (config["rope_scaling"] ?? config["rope_parameters"]) as JsonObject;

    private string Kind => (string?)(Rope?["rope_type"] ?? Rope?["type"]) ?? "default";

    private double[] Frequencies()
    {
        double theta = Number("rope_theta", config, Rope is null ? 10000 : Number("rope_theta", Rope, 10000));
        double[] plain = [.. Enumerable.Range(0, HeadSize / 2).Select(i => Math.Pow(theta, -2.0 * i / HeadSize))];
        if (Kind == "default")
            return plain;
        double factor = Number("factor", Rope!, 1), original =
            Number("original_max_position_embeddings", Rope!, Int("max_position_embeddings", config));
        return Kind switch
        {
            "linear" => [.. plain.Select(f => f / factor)],
            "llama3" => [.. plain.Select(f => f * Llama3Share(original * f / (2 * Math.PI), factor))],
            "yarn" => [.. plain.Select((f, i) => f * YarnShare(i, factor, original, theta))],
            _ => throw new NotSupportedException(Kind),
        };
    }

    /// <summary>By how many turns a pair makes over the original context: all, some or a factor's part of its frequency.</summary>
    private double Llama3Share(double turns, double factor)
    {
        double low = Number("low_freq_factor", Rope!, 1), high = Number("high_freq_factor", Rope!, 4);
        double kept = Math.Clamp((turns - low) / (high - low), 0, 1);
        return kept + ((1 - kept) / factor);
    }

    private double YarnShare(int pair, double factor, double original, double theta)
    {
        double first = PairOf(Number("beta_fast", Rope!, 32)), last = PairOf(Number("beta_slow", Rope!, 1));
        if (Rope!["truncate"]?.GetValue<bool>() != false)
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        (first, last) = (Math.Max(0, first), Math.Min(HeadSize - 1, last));
        double kept = 1 - Math.Clamp((pair - first) / (first == last ? 0.001 : last - first), 0, 1);
        return kept + ((1 - kept) / factor);

        double PairOf(double turns) => HeadSize / 2.0 * Math.Log(original / (2 * Math.PI * turns)) / Math.Log(theta);
    }

    private double Magnitude()
    {
        if (Kind != "yarn")
            return 1;
        double factor = Number("factor", Rope!, 1), all = Number("mscale_all_dim", Rope!, 0), one = Number("mscale", Rope!, 0);
        double implied = one != 0 && all != 0 ? Scale(one) / Scale(all) : Scale(1);
        return Number("attention_factor", Rope!, implied) * Number("attn_factor", Rope!, 1);

        double Scale(double m) => factor <= 1 ? 1 : 1 + (0.1 * m * Math.Log(factor));
    }

    private static void Add(double[][] stream, double[][] rows)
    {
        for (int token = 0; token < stream.Length; token++)
            stream[token] = [.. stream[token].Zip(rows[token], (a, b) => a + b)];
    }

    private static int Int(string key, JsonObject json) => (int)Number(key, json, double.NaN);

    private static double Number(string key, JsonObject json, double absent) =>
        json[key] is { } value ? double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) : absent;
}
