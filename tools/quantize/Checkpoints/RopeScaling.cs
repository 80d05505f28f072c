namespace LocalInference.Quantize.Checkpoints;

/// <summary>How a checkpoint stretches its rotary positions beyond what it was first trained on.</summary>
/// <param name="Factor">How many times longer.</param>
internal abstract record RopeScaling(double Factor)
{
    private const string Allowed = "default, linear, llama3 or yarn";

    /// <summary>Reads <c>rope_scaling</c> (or the newer <c>rope_parameters</c>) of a config.json.</summary>
    /// <param name="config">The whole file.</param>
    /// <param name="contextTokens">Its max_position_embeddings.</param>
    /// <returns>Null where positions are not scaled.</returns>
    public static RopeScaling? Read(JsonFile config, int contextTokens)
    {
        string key = config.Has("rope_scaling") ? "rope_scaling" : "rope_parameters";
        if (config.Object(key) is not { } rope)
            return null;
        string type = rope.Text("rope_type") ?? rope.Text("type") ?? "default";
        double? factor = rope.Number("factor");
        if (type != "default" && factor is not >= 1)
            throw rope.Fault("factor", factor is null ? "missing" : $"{factor}", "a number of 1 or more");
        int original = rope.OptionalCount("original_max_position_embeddings") ?? config.OptionalCount("original_max_position_embeddings")
            ?? contextTokens;
        return type switch
        {
            "default" => null,
            "linear" => new LinearRope(factor!.Value),
            "llama3" => Llama3Rope.Read(rope, factor!.Value, original),
            "yarn" => YarnRope.Read(rope, factor!.Value, original),
            _ => throw rope.Fault("rope_type", $"'{type}'", Allowed),
        };
    }
}

/// <summary>All positions divided by the factor (DeepSeek-Coder).</summary>
internal sealed record LinearRope(double Factor) : RopeScaling(Factor);

/// <summary>Low frequencies divided, high ones kept, those between blended (Llama 3.1, R1-Distill-Llama).</summary>
internal sealed record Llama3Rope(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContext)
    : RopeScaling(Factor)
{
    public static Llama3Rope Read(JsonFile rope, double factor, int original)
    {
        double low = rope.Number("low_freq_factor") ?? throw rope.Fault("low_freq_factor", "missing", "a number");
        double high = rope.Number("high_freq_factor") ?? throw rope.Fault("high_freq_factor", "missing", "a number");
        return high > low && low > 0
            ? new Llama3Rope(factor, low, high, original)
            : throw rope.Fault("high_freq_factor", $"{high} with low_freq_factor {low}", "a number above low_freq_factor, both above 0");
    }
}

/// <summary>As llama3 in idea, blended by dimension, and the tables scaled (R1-0528-Qwen3-8B, DeepSeek V2 and later).</summary>
internal sealed record YarnRope(double Factor) : RopeScaling(Factor)
{
    /// <summary>Positions that the model was first trained on.</summary>
    public required int OriginalContext { get; init; }

    /// <summary>Turns over the original context above which a dimension is kept as it is.</summary>
    public required double BetaFast { get; init; }

    /// <summary>Turns below which a dimension is divided.</summary>
    public required double BetaSlow { get; init; }

    /// <summary>Whether the blended range is widened to whole dimensions.</summary>
    public required bool Truncate { get; init; }

    /// <summary>What cosines and sines are multiplied by, before <see cref="AuthorsFactor"/>.</summary>
    public required double AttentionFactor { get; init; }

    /// <summary><c>attn_factor</c>, which the authors' own code multiplies on top and transformers does not know.</summary>
    public required double AuthorsFactor { get; init; }

    public static YarnRope Read(JsonFile rope, double factor, int original)
    {
        double? mscale = rope.Number("mscale"), mscaleAll = rope.Number("mscale_all_dim");
        double implied = mscale is not (null or 0) && mscaleAll is not (null or 0)
            ? Magnitude(factor, mscale.Value) / Magnitude(factor, mscaleAll.Value)
            : Magnitude(factor, 1);
        return new YarnRope(factor)
        {
            OriginalContext = original,
            BetaFast = rope.Number("beta_fast") ?? 32,
            BetaSlow = rope.Number("beta_slow") ?? 1,
            Truncate = !rope.Has("truncate") || rope.Flag("truncate"),
            AttentionFactor = rope.Number("attention_factor") ?? implied,
            AuthorsFactor = rope.Number("attn_factor") ?? 1,
        };
    }

    private static double Magnitude(double factor, double scale) => factor <= 1 ? 1 : (0.1 * scale * Math.Log(factor)) + 1;
}
