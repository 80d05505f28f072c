using System.Text.Json.Nodes;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Chance;

/// <summary>The tokenizer of a model with random weights: 256 bytes, then R1's special tokens; higher ids decode to nothing.</summary>
internal static class RandomTokenizer
{
    /// <summary>The id of <c>&lt;｜end▁of▁sentence｜&gt;</c>.</summary>
    public const int End = 256;

    /// <summary>The id of <c>&lt;｜begin▁of▁sentence｜&gt;</c>.</summary>
    public const int Begin = 259;

    private static readonly (string Text, bool IsSpecial)[] Added =
    [
        ("<｜end▁of▁sentence｜>", true), ("<｜User｜>", false), ("<｜Assistant｜>", false), ("<｜begin▁of▁sentence｜>", true), ("<|EOT|>", false),
        ("<think>", false), ("</think>", false),
        ("<｜tool▁calls▁begin｜>", false), ("<｜tool▁calls▁end｜>", false), ("<｜tool▁call▁begin｜>", false), ("<｜tool▁call▁end｜>", false),
        ("<｜tool▁sep｜>", false),
        ("<｜tool▁outputs▁begin｜>", false), ("<｜tool▁outputs▁end｜>", false), ("<｜tool▁output▁begin｜>", false),
        ("<｜tool▁output▁end｜>", false),
    ];

    // R1's form without its tool calls, which a model of random weights never makes.
    private const string ChatTemplate =
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}{% elif m.role == 'user' %}{{ '<｜User｜>' + m.content }}"
        + "{% elif m.role == 'assistant' %}{{ '<｜Assistant｜>' + m.content + '<｜end▁of▁sentence｜>' }}{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\\n' }}{% endif %}";

    /// <summary>Writes tokenizer.json, tokenizer_config.json and the chat template.</summary>
    public static void Write(OutputFolder folder, int contextTokens)
    {
        var tokenizer = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. Added.Select((t, i) => (JsonNode)Entry(End + i, t.Text, t.IsSpecial))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(),
            ["model"] = Model(),
        };
        folder.Write("tokenizer.json", tokenizer);
        folder.Write("chat_template.jinja", ChatTemplate);
        var config = new JsonObject
        {
            ["add_bos_token"] = false,
            ["add_eos_token"] = false,
            ["bos_token"] = Added[Begin - End].Text,
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = Added[0].Text,
            ["model_max_length"] = contextTokens,
            ["pad_token"] = Added[0].Text,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        };
        folder.Write("tokenizer_config.json", config);
    }

    private static JsonObject Entry(int id, string text, bool isSpecial) => new()
    {
        ["id"] = id, ["content"] = text, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
            ["special"] = isSpecial,
    };

    private static JsonObject ByteLevel() =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false };

    private static JsonObject Model()
    {
        var vocabulary = new JsonObject();
        int unprintable = 0;
        for (int value = 0; value < 256; value++)
        {
            // GPT-2's alphabet: printable Latin-1 stands for itself, the other bytes take U+0100 onwards.
            bool isPrintable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            vocabulary[((char)(isPrintable ? value : 0x100 + unprintable++)).ToString()] = value;
        }
        return new JsonObject
        {
            ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = null, ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false, ["byte_fallback"] = false, ["ignore_merges"] = false, ["vocab"] = vocabulary,
                ["merges"] = new JsonArray(),
        };
    }
}
