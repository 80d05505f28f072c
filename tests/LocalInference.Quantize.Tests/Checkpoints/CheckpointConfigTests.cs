using System.Text.Json.Nodes;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Graph.Architectures;

namespace LocalInference.Quantize.Tests.Checkpoints;

public sealed class CheckpointConfigTests
{
    [Fact]
    public void Read_NoHeadDimNorKvHeads_FollowFromTheOthers()
    {
        CheckpointConfig config = Read();
        Assert.Equal((16, 4, 4), (config.HeadSize, config.HeadCount, config.KvHeadCount));
        Assert.Equal("llama", config.ModelType);
    }

    [Theory]
    [InlineData("architectures", """["DeepseekV3ForCausalLM"]""", "LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM")]
    [InlineData("hidden_act", "\"gelu\"", "silu")]
    [InlineData("use_sliding_window", "true", "full attention")]
    [InlineData("num_key_value_heads", "3", "a divisor of num_attention_heads, 4")]
    [InlineData("hidden_size", "\"64\"", "a number")]
    [InlineData("num_hidden_layers", "0", "1 or more")]
    [InlineData("head_dim", "20", "multiple of 16")]
    [InlineData("rope_scaling", """{"rope_type": "dynamic", "factor": 2}""", "default, linear, llama3 or yarn")]
    [InlineData("rope_scaling", """{"type": "linear"}""", "factor is missing")]
    [InlineData("rope_scaling", """{"type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1}""",
        "above low_freq_factor")]
    [InlineData("quantization_config", """{"quant_method": "fp8"}""", "bf16, fp16 or fp32")]
    [InlineData("architectures", "[]", "LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM")]
    [InlineData("architectures", "\"LlamaForCausalLM\"", "LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM")]
    [InlineData("architectures", "[3]", "LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM")]
    [InlineData("hidden_size", "-64", "1 or more")]
    [InlineData("hidden_size", "64.5", "1 or more")]
    [InlineData("hidden_size", "65", "a divisor of hidden_size")]
    [InlineData("vocab_size", "99999999999", "1 or more")]
    [InlineData("rms_norm_eps", "-1", "above 0")]
    [InlineData("rope_theta", "0", "above 1")]
    [InlineData("rope_scaling", "[]", "an object")]
    [InlineData("tie_word_embeddings", "\"yes\"", "true or false")]
    public void Read_WhatIsNotSupported_IsRefusedByKey(string key, string value, string part)
    {
        string message = Assert.Throws<QuantizeException>(() => Read((key, value))).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.StartsWith("config.json: ", message, StringComparison.Ordinal);
        Assert.Contains(key, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingKey_IsNamed()
    {
        Assert.Contains("vocab_size is missing", Assert.Throws<QuantizeException>(() => Read(("vocab_size", "null"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RopeParameters_AreReadAsTheNewerSpelling()
    {
        CheckpointConfig config = Read(("rope_theta", "null"),
            ("rope_parameters", """{"rope_type": "linear", "factor": 4.0, "rope_theta": 5000.0}"""));
        Assert.Equal(new LinearRope(4), config.RopeScaling);
        Assert.Equal(5000, config.RopeTheta);
    }

    internal static CheckpointConfig Read(params (string Key, string Value)[] changes)
    {
        JsonObject json = JsonNode.Parse(
            """
            {"architectures": ["LlamaForCausalLM"], "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
             "vocab_size": 300, "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0}
            """)!.AsObject();
        foreach ((string key, string value) in changes)
            json[key] = JsonNode.Parse(value);
        return CheckpointConfig.Read(new JsonFile("config.json", "", json), Architecture.KnownNames);
    }
}
