namespace LocalInference.Onnx.Models;

/// <summary>Keys of <c>genai_config.json</c> that are known and need not be read; whatever else is found is logged, not refused.</summary>
internal static class GenAiKeys
{
    private static readonly HashSet<string> Known =
    [
        "engine", "speculative",
        "model.tokenizer_dir", "model.bos_token_id", "model.pad_token_id", "model.sep_token_id", "model.decoder_start_token_id",
        "model.bot_token_id", "model.eot_token_id", "model.bor_token_id", "model.eor_token_id",
        "model.decoder.session_options", "model.decoder.run_options", "model.decoder.inputs", "model.decoder.outputs",
        "model.decoder.layer_types", "model.decoder.shared_initializers", "model.decoder.state_groups", "model.decoder.state_update_capacity",
        "search.max_length", "search.batch_size", "search.num_return_sequences", "search.early_stopping", "search.diversity_penalty",
        "search.length_penalty", "search.past_present_share_buffer", "search.random_seed", "search.chunk_size", "search.blank_penalty",
    ];

    public static IEnumerable<string> Unknown(params ConfigReader?[] objects) =>
        objects.Where(o => o is not null).SelectMany(o => o!.Unread()).Where(k => !Known.Contains(k));
}
