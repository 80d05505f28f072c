namespace LocalInference.Onnx.Graph;

/// <summary>Names of the served graph's inputs, outputs and domains, in one place.</summary>
internal static class OnnxNames
{
    /// <summary>The domain of this project's own operators.</summary>
    public const string OwnDomain = "local.inference";

    /// <summary>The domain of ONNX Runtime's contributed operators.</summary>
    public const string ContribDomain = "com.microsoft";

    public const string PagedAttention = "PagedAttention";
    public const string QuantizeRows = "QuantizeRows";
    public const string QuantizedMatMul = "QuantizedMatMul";
    public const string QuantizedGateUp = "QuantizedGateUp";
    public const string PackedGather = "PackedGather";

    public const string InputIds = "input_ids";
    public const string PositionIds = "position_ids";
    public const string LogitsIndices = "logits_indices";
    public const string CumulativeSequenceLengths = "cumulative_sequence_lengths";
    public const string PastSequenceLengths = "past_sequence_lengths";
    public const string BlockTable = "block_table";
    public const string AttentionMetadata = "attention_metadata";
    public const string OutputRows = "output_rows";
    public const string LogitsRows = "logits_rows";
    public const string Hidden = "hidden";
    public const string Logits = "logits";
    public const string SampledRows = "sampled_rows";
    public const string GreedyTokens = "greedy_tokens";
    public const string HiddenRows = "hidden_rows";
    public const string TopKRows = "top_k_rows";
    public const string TopKCount = "top_k";
    public const string TopKLogits = "top_k_logits";
    public const string TopKTokens = "top_k_tokens";
}

/// <summary>ONNX's element type numbers, as far as they are used.</summary>
internal static class OnnxTypes
{
    public const int Float = 1;
    public const int UInt8 = 2;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Float16 = 10;
    public const int BFloat16 = 16;

    /// <summary>Whether a type is one that weights and activations are computed in.</summary>
    public static bool IsFloating(int type) => type is Float or Float16 or BFloat16;

    /// <summary>The name that people know a type by.</summary>
    public static string NameOf(int type) => type switch
    {
        1 => "float32",
        2 => "uint8",
        3 => "int8",
        6 => "int32",
        7 => "int64",
        10 => "float16",
        16 => "bfloat16",
        _ => $"type {type}",
    };
}
