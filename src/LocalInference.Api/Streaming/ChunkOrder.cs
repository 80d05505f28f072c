using LocalInference.Core.Completions;

namespace LocalInference.Api.Streaming;

/// <summary>
/// What a backend owes: chunks in the order that <see cref="CompletionChunk"/> documents. Anything else is a bug there, said here in full.
/// </summary>
internal static class ChunkOrder
{
    public static InvalidOperationException EndIsMissing() =>
        new($"The answer ended without a {nameof(CompletionChunk.Finished)} or {nameof(CompletionChunk.Failed)} chunk.");

    public static InvalidOperationException StartIsMissing(CompletionChunk? found) =>
        new($"The answer began with {found?.GetType().Name ?? "nothing"}; "
            + $"allowed: {nameof(CompletionChunk.Started)} or {nameof(CompletionChunk.Failed)}.");

    /// <summary>Chat requests ask for parsed output, so token chunks cannot be sent.</summary>
    public static void ThrowIfRaw(CompletionChunk chunk)
    {
        if (chunk is CompletionChunk.Tokens)
            throw new InvalidOperationException(
                $"The answer holds a {nameof(CompletionChunk.Tokens)} chunk although {nameof(OutputForm.Parsed)} output was asked for.");
    }
}
