using System.Text.Json;

namespace LocalInference.Core.Completions;

/// <summary>What a completion continues.</summary>
public abstract record Prompt
{
    private Prompt() { }

    /// <summary>Token ids, continued as they are: no template, no BOS is added.</summary>
    /// <param name="Ids">At least one id; each must be inside the model's vocabulary (checked at admission).</param>
    public sealed record Tokens(ReadOnlyMemory<int> Ids) : Prompt;

    /// <summary>A conversation, rendered by the model's own chat template.</summary>
    public sealed record Chat : Prompt
    {
        /// <summary>At least one message, oldest first.</summary>
        public required IReadOnlyList<ChatMessage> Messages { get; init; }

        /// <summary>The request's <c>tools</c> elements as they came, handed to the template; empty when none may be called.</summary>
        public IReadOnlyList<JsonElement> Tools { get; init; } = [];

        /// <summary>Extra top-level variables for the template (<c>chat_template_kwargs</c>), for example <c>enable_thinking</c>.</summary>
        public IReadOnlyDictionary<string, JsonElement> TemplateArguments { get; init; } = new Dictionary<string, JsonElement>();
    }
}

/// <summary>One turn of a conversation.</summary>
public sealed record ChatMessage
{
    /// <summary><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The text; null only in an assistant turn that is nothing but tool calls. Text parts arrive joined.</summary>
    public string? Content { get; init; }

    /// <summary>The reasoning that an assistant turn carried, when the client sends it back.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Calls that an assistant turn made.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Which call a <c>tool</c> turn answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The participant's name, as OpenAI allows it.</summary>
    public string? Name { get; init; }
}

/// <summary>A whole tool call.</summary>
/// <param name="Id">As given to the client, <c>call_…</c>.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">The arguments as JSON text, byte for byte as the model wrote them (it may be broken JSON).</param>
public sealed record ToolCall(string Id, string Name, string Arguments);
