using System.Text.Json;
using LocalInference.Onnx.Graph;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>One attention step: the operator's attributes and tensors, from the golden cases or made up.</summary>
internal sealed record AttentionCase
{
    public required string Name { get; init; }

    public required AttentionShape Shape { get; init; }

    public required int BlockTokens { get; init; }

    public required float Scale { get; init; }

    public float NormEpsilon { get; init; } = 1e-6f;

    public required float[] Query { get; init; }

    public required float[] Key { get; init; }

    public required float[] Value { get; init; }

    /// <summary>[blocks, block tokens, key heads, size].</summary>
    public required float[] KeyCache { get; init; }

    public required float[] ValueCache { get; init; }

    public float[]? Cos { get; init; }

    public float[]? Sin { get; init; }

    public float[]? QueryNorm { get; init; }

    public float[]? KeyNorm { get; init; }

    public required int[] BlockTable { get; init; }

    public required int[] CumulativeLengths { get; init; }

    public required int[] PastLengths { get; init; }

    /// <summary>Rows of the query.</summary>
    public required int TokenCount { get; init; }

    public int SequenceCount => PastLengths.Length;

    public int BlockCount => KeyCache.Length / (BlockTokens * Shape.KvHeadCount * Shape.HeadSize);

    public static IEnumerable<JsonElement> Listed() =>
        JsonDocument.Parse(File.ReadAllText(ReferenceData.PathOf("paged-attention", "cases.json"))).RootElement.EnumerateArray();

    public static AttentionCase Read(JsonElement listed, Safetensors data) => new()
    {
        Name = listed.GetProperty("name").GetString()!,
        Shape = new AttentionShape(listed.GetProperty("num_heads").GetInt32(), listed.GetProperty("kv_num_heads").GetInt32(), listed.GetProperty("head_size").GetInt32()),
        BlockTokens = listed.GetProperty("block_size").GetInt32(),
        Scale = listed.GetProperty("scale").GetSingle(),
        NormEpsilon = listed.GetProperty("qk_norm_epsilon").GetSingle(),
        Query = data.Floats("query"),
        Key = data.Floats("key"),
        Value = data.Floats("value"),
        KeyCache = data.Floats("key_cache"),
        ValueCache = data.Floats("value_cache"),
        Cos = listed.GetProperty("do_rotary").GetBoolean() ? data.Floats("cos_cache") : null,
        Sin = listed.GetProperty("do_rotary").GetBoolean() ? data.Floats("sin_cache") : null,
        QueryNorm = data.Has("q_norm_weight") ? data.Floats("q_norm_weight") : null,
        KeyNorm = data.Has("k_norm_weight") ? data.Floats("k_norm_weight") : null,
        BlockTable = data.Ints("block_table"),
        CumulativeLengths = data.Ints("cumulative_sequence_lengths"),
        PastLengths = data.Ints("past_sequence_lengths"),
        TokenCount = data.Shape("query")[0],
    };
}
