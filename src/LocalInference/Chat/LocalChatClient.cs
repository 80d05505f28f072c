using System.Runtime.CompilerServices;
using LocalInference.Api.Endpoints;
using LocalInference.Core.Completions;
using Microsoft.Extensions.AI;
using AIChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace LocalInference.Chat;

/// <summary>
/// The same scheduler as the HTTP interface, as an <see cref="IChatClient"/>: no port needed. Safe for concurrent use; requests are batched
/// with everybody else's. Options that would change the answer and are not supported throw <see cref="NotSupportedException"/> by name; a
/// full server or a refused conversation throws <see cref="InferenceException"/>. Disposing it does nothing: the engine belongs to the
/// application's services.
/// </summary>
internal sealed class LocalChatClient(ICompletionRouter router, IServerStatus status, CompletionIds ids, TimeProvider time) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("localinference");

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<AIChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<AIChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        CompletionRequest request = CompletionRequests.From(messages, options, ids.Next());
        ChatUpdates updates = new(request.Id, status.Model?.Id, time.GetUtcNow());
        using RoutedCompletion routed = router.Route(request);
        await foreach (CompletionChunk chunk in routed.CompleteAsync(cancellationToken))
            if (updates.Next(chunk) is { } update) yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() { }
}
