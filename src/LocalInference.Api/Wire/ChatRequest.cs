using LocalInference.Core.Completions;

namespace LocalInference.Api.Wire;

/// <summary>A checked chat request: what the router needs, and what only the wire needs.</summary>
/// <param name="Completion">The request as Core knows it.</param>
/// <param name="Model">The id asked for; null takes the local model.</param>
/// <param name="Streams">Whether the answer comes as server-sent events.</param>
/// <param name="IncludesUsage">Whether a stream ends with a chunk of token counts.</param>
/// <param name="Ignored">Fields without effect, by name.</param>
internal sealed record ChatRequest(CompletionRequest Completion, string? Model, bool Streams, bool IncludesUsage, IReadOnlyCollection<string> Ignored);
