using System.Text.Json;

namespace LocalInference.Api.Wire;

/// <summary>
/// Fields that change the answer on other servers and cannot do so here. A value that asks for nothing special passes, so that clients
/// which always send the field work; any other is refused by name, because an answer that silently lacks what was asked for is worse than
/// none.
/// </summary>
internal static class UnsupportedFields
{
    /// <summary>The rule: the field, the values that change nothing (as JSON), and what to do instead where there is something.</summary>
    private static readonly UnsupportedField[] OfRequest =
    [
        // More than one answer, or one of several.
        new("n", ["1"], "send one request for each answer"),
        new("best_of", ["1"]),
        new("use_beam_search", ["false"]),
        new("length_penalty", ["1"]),

        // Probabilities and ids beside the text.
        new("logprobs", ["false"]),
        new("top_logprobs", ["0"]),
        new("prompt_logprobs", []),
        new("return_token_ids", ["false"]),
        new("return_tokens_as_token_ids", ["false"]),

        // Other draws than temperature, top_p, top_k and min_p make.
        new("presence_penalty", ["0"]),
        new("frequency_penalty", ["0"]),
        new("repetition_penalty", ["1"]),
        new("repeat_penalty", ["1"]),
        new("logit_bias", ["{}"]),
        new("bad_words", ["[]"]),
        new("allowed_token_ids", []),
        new("min_tokens", ["0"]),

        // Answers of a prescribed form.
        new("response_format", ["""{"type":"text"}"""], "ask for the form in a message"),
        new("structured_outputs", []),
        new("guided_json", []),
        new("guided_regex", []),
        new("guided_choice", []),
        new("guided_grammar", []),
        new("grammar", ["\"\""]),
        new("json_schema", []),
        new("regex", []),
        new("verbosity", ["\"medium\""]),

        // Tools in other ways than tools and tool_choice.
        new("parallel_tool_calls", ["true"]),
        new("functions", ["[]"], "use tools"),
        new("function_call", ["\"none\"", "\"auto\""], "use tool_choice"),
        new("web_search_options", []),

        // Reasoning under the client's control.
        new("reasoning_effort", [], "some models take chat_template_kwargs {\"enable_thinking\": …}"),
        new("reasoning", [], "some models take chat_template_kwargs {\"enable_thinking\": …}"),
        new("thinking", [], "some models take chat_template_kwargs {\"enable_thinking\": …}"),
        new("thinking_token_budget", []),
        new("include_reasoning", ["true"]),
        new("separate_reasoning", ["true"]),

        // Another prompt than the model's template makes.
        new("chat_template", [], "the model's own template is used; its variables can be set with chat_template_kwargs"),
        new("add_generation_prompt", ["true"]),
        new("continue_final_message", ["false"]),
        new("add_special_tokens", ["false"]),
        new("echo", ["false"]),
        new("documents", ["[]"]),
        new("truncate_prompt_tokens", []),

        // Another text than the tokens decode to.
        new("skip_special_tokens", ["true"]),
        new("spaces_between_special_tokens", ["true"]),
        new("include_stop_str_in_output", ["false"]),
        new("modalities", ["""["text"]"""]),
        new("audio", []),
        new("prediction", []),

        // The order of service, and who may share a cache.
        new("priority", ["0"]),
        new("cache_salt", []),
    ];

    private static readonly UnsupportedField[] OfStreamOptions =
    [
        new("continuous_usage_stats", ["false"], "use include_usage"),
    ];

    private static readonly UnsupportedField[] OfMessage =
    [
        new("function_call", [], "use tool_calls"),
        new("prefix", ["false"]),
        new("audio", []),
    ];

    private static readonly UnsupportedField[] OfFunction =
    [
        new("strict", ["false"]),
    ];

    public static void CheckRequest(Fields request, Findings findings) => Check(OfRequest, request, findings);

    public static void CheckStreamOptions(Fields options, Findings findings) => Check(OfStreamOptions, options, findings);

    public static void CheckMessage(Fields message, Findings findings) => Check(OfMessage, message, findings);

    public static void CheckFunction(Fields function, Findings findings) => Check(OfFunction, function, findings);

    private static void Check(UnsupportedField[] rows, Fields fields, Findings findings)
    {
        foreach (UnsupportedField row in rows)
        {
            if (fields.TryFind(row.Name, out JsonElement value) && !row.IsNeutral(value))
                findings.Unsupported(fields.PathOf(row.Name), value, row.Allowed);
        }
    }

    /// <summary>One row of the rule.</summary>
    private sealed class UnsupportedField(string name, string[] neutral, string? advice = null)
    {
        private readonly JsonElement[] _neutral = [.. neutral.Select(json => JsonElement.Parse(json))];

        public string Name => name;

        public string Allowed => $"{string.Join(", ", neutral.Append("absent"))}{(advice is null ? "" : $" ({advice})")}";

        public bool IsNeutral(JsonElement value) => _neutral.Any(allowed => JsonElement.DeepEquals(allowed, value));
    }
}
