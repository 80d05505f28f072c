using System.Text.Json.Nodes;
using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Folders;

/// <summary>Writes <c>genai_config.json</c> as the official builder does: generation_config.json wins over config.json, what both lack
/// comes from the tokenizer.</summary>
/// <param name="config">The model.</param>
/// <param name="file">Its config.json.</param>
/// <param name="generation">Its generation_config.json; null where there is none.</param>
/// <param name="tokenizer">Its tokenizer.</param>
internal sealed class GenAiConfigFile(CheckpointConfig config, JsonFile file, JsonFile? generation, TokenizerFiles tokenizer)
{
    public const string FileName = "genai_config.json";
    public const string GraphFileName = "model.onnx";

    private const int BuilderTopK = 50;

    /// <summary>Whether a folder is a model folder: one that has such a file.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Writes the file.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="isForGpu">Whether CUDA is to run it.</param>
    public void Write(OutputFolder folder, bool isForGpu) =>
        folder.Write(FileName, new JsonObject { ["model"] = Model(isForGpu), ["search"] = Search() });

    private JsonObject Model(bool isForGpu)
    {
        IReadOnlyList<int> ends = Ids("eos_token_id") ?? (tokenizer.IdOfNamed("eos_token") is { } named ? new[] { named } : null)
            ?? throw file.Fault("eos_token_id", "missing, here, in generation_config.json and in the tokenizer", "a token id");
        int? begin = Ids("bos_token_id")?[0] ?? tokenizer.IdOfNamed("bos_token");
        var model = new JsonObject();
        if (begin is not null)
            model["bos_token_id"] = begin;
        model["context_length"] = config.ContextTokens;
        model["decoder"] = Decoder(isForGpu);
        model["eos_token_id"] = ends.Count == 1 ? ends[0] : new JsonArray([.. ends.Select(e => (JsonNode)e)]);
        model["pad_token_id"] = Ids("pad_token_id")?[0] ?? tokenizer.IdOfNamed("pad_token") ?? ends[0];
        model["type"] = config.ModelType;
        model["vocab_size"] = config.VocabularySize;
        AddPair(model, "bor_token_id", "<think>", "eor_token_id", "</think>");
        AddPair(model, "bot_token_id", "<tool_call>", "eot_token_id", "</tool_call>");
        return model;
    }

    private JsonObject Decoder(bool isForGpu) => new()
    {
        ["session_options"] = new JsonObject
        {
            ["log_id"] = "onnxruntime-genai",
            ["provider_options"] = isForGpu ? new JsonArray(new JsonObject { ["cuda"] = new JsonObject { ["enable_cuda_graph"] = "0" } })
                : [],
        },
        ["filename"] = GraphFileName,
        ["head_size"] = config.HeadSize,
        ["hidden_size"] = config.HiddenSize,
        ["inputs"] = new JsonObject
        {
            ["input_ids"] = "input_ids",
            ["attention_mask"] = "attention_mask",
            ["past_key_names"] = "past_key_values.%d.key",
            ["past_value_names"] = "past_key_values.%d.value",
        },
        ["outputs"] = new JsonObject { ["logits"] = "logits", ["present_key_names"] = "present.%d.key",
            ["present_value_names"] = "present.%d.value" },
        ["num_attention_heads"] = config.HeadCount,
        ["num_hidden_layers"] = config.LayerCount,
        ["num_key_value_heads"] = config.KvHeadCount,
    };

    private JsonObject Search() => new()
    {
        ["diversity_penalty"] = Number("diversity_penalty", 0),
        ["do_sample"] = generation?.Flag("do_sample") ?? false,
        ["early_stopping"] = true,
        ["length_penalty"] = Number("length_penalty", 1),
        ["max_length"] = config.ContextTokens,
        ["min_length"] = 0,
        ["no_repeat_ngram_size"] = (int)Number("no_repeat_ngram_size", 0),
        ["num_beams"] = 1,
        ["num_return_sequences"] = 1,
        ["past_present_share_buffer"] = true,
        ["repetition_penalty"] = Number("repetition_penalty", 1),
        ["temperature"] = Number("temperature", 1),
        ["top_k"] = (int)Number("top_k", BuilderTopK),
        ["top_p"] = Number("top_p", 1),
    };

    private void AddPair(JsonObject model, string beginKey, string begin, string endKey, string end)
    {
        if (tokenizer.IdOf(begin) is not { } first || tokenizer.IdOf(end) is not { } last)
            return;
        model[beginKey] = first;
        model[endKey] = last;
    }

    private IReadOnlyList<int>? Ids(string key) => generation?.Ids(key) ?? file.Ids(key);

    private double Number(string key, double absent) => generation?.Number(key) ?? absent;
}
