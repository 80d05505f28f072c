using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>What <c>config.json</c> says of a decoder, checked as far as that goes without the weights.</summary>
internal sealed record CheckpointConfig
{
    public const string FileName = "config.json";

    /// <summary>As in <c>architectures</c>, for example <c>Qwen2ForCausalLM</c>.</summary>
    public required string Architecture { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int LayerCount { get; init; }

    public required int HeadCount { get; init; }

    public required int KvHeadCount { get; init; }

    public required int HeadSize { get; init; }

    public required int VocabularySize { get; init; }

    public required int ContextTokens { get; init; }

    public required float NormEpsilon { get; init; }

    public required double RopeTheta { get; init; }

    public required RopeScaling? RopeScaling { get; init; }

    /// <summary>Whether the LM head's weights are the embedding's.</summary>
    public required bool IsTied { get; init; }

    /// <summary>onnxruntime-genai's name of the model type: the architecture's up to "For".</summary>
    public string ModelType => Architecture[..Architecture.IndexOf("For", StringComparison.Ordinal)].ToLowerInvariant();

    /// <summary>Reads the file of a checkpoint folder.</summary>
    /// <param name="file">The parsed file.</param>
    /// <param name="knownArchitectures">What <see cref="Architecture"/> may be.</param>
    public static CheckpointConfig Read(JsonFile file, IReadOnlyCollection<string> knownArchitectures)
    {
        string architecture = ArchitectureOf(file, knownArchitectures);
        RefuseUnsupported(file);
        int hidden = file.Count("hidden_size"), heads = file.Count("num_attention_heads");
        int kvHeads = file.OptionalCount("num_key_value_heads") ?? heads, context = file.Count("max_position_embeddings");
        if (heads % kvHeads != 0)
            throw file.Fault("num_key_value_heads", $"{kvHeads}", $"a divisor of num_attention_heads, {heads}");
        if (!file.Has("head_dim") && hidden % heads != 0)
            throw file.Fault("num_attention_heads", $"{heads}", $"a divisor of hidden_size, {hidden}, where there is no head_dim");
        int headSize = file.OptionalCount("head_dim") ?? hidden / heads;
        if (headSize % 16 != 0)
            throw file.Fault("head_dim", $"{headSize}", "a multiple of 16, which rotary attention operators need");
        return new CheckpointConfig
        {
            Architecture = architecture,
            HiddenSize = hidden,
            IntermediateSize = file.Count("intermediate_size"),
            LayerCount = file.Count("num_hidden_layers"),
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadSize = headSize,
            VocabularySize = file.Count("vocab_size"),
            ContextTokens = context,
            NormEpsilon = (float)Above(file, "rms_norm_eps", file.Number("rms_norm_eps") ?? 1e-6, 0),
            RopeTheta = Above(file, "rope_theta", file.Number("rope_theta") ?? file.Object("rope_parameters")?.Number("rope_theta")
                ?? 10000, 1),
            RopeScaling = RopeScaling.Read(file, context),
            IsTied = file.Flag("tie_word_embeddings"),
        };
    }

    private static string ArchitectureOf(JsonFile file, IReadOnlyCollection<string> known)
    {
        JsonNode? found = file.Json["architectures"];
        return found is JsonArray { Count: > 0 } list && list[0]?.GetValueKind() == JsonValueKind.String
            && known.Contains(list[0]!.GetValue<string>())
            ? list[0]!.GetValue<string>()
            : throw file.Fault("architectures", found?.ToJsonString() ?? "missing", $"a list with one of {string.Join(", ", known)}");
    }

    private static double Above(JsonFile file, string key, double found, double least) =>
        found > least ? found : throw file.Fault(key, $"{found}", $"a number above {least}");

    private static void RefuseUnsupported(JsonFile file)
    {
        if (file.Text("hidden_act") is { } activation && activation != "silu")
            throw file.Fault("hidden_act", $"'{activation}'", "silu");
        if (file.Flag("use_sliding_window"))
            throw file.Fault("use_sliding_window", "true", "false (full attention)");
        if (file.Number("partial_rotary_factor") is { } part && part != 1)
            throw file.Fault("partial_rotary_factor", $"{part}", "1 (all of a head rotated)");
        if (file.Has("quantization_config"))
            throw file.Fault("quantization_config", "there: the weights are quantised already", "a checkpoint in bf16, fp16 or fp32");
    }
}
