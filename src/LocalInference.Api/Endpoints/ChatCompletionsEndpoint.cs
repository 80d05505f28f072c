using LocalInference.Api.Errors;
using LocalInference.Api.Streaming;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LocalInference.Api.Endpoints;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
/// <remarks>
/// The path of a request; it can be refused with a status until the end of step 3:
/// (1) body, JSON and every field are read and checked, the model is known ·
/// (2) the router gives it a place, here or in the cloud, or refuses ·
/// (3) the first chunk is awaited: a failure before anything was generated is still a status ·
/// (4) the answer goes out as it comes, or (5) is collected and goes out whole.
/// A client that goes away cancels whatever step is running, and disposing of the enumeration gives the place back.
/// </remarks>
internal sealed class ChatCompletionsEndpoint(
    ChatRequestReader reader, ICompletionRouter router, IServerStatus status, TimeProvider time, ILogger<ChatCompletionsEndpoint> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        // :: Step 1: read and check
        (ChatRequest? request, ApiError? error) = await reader.ReadAsync(http);
        if (request is null)
        {
            await JsonResponse.WriteErrorAsync(http, error!);
            return;
        }

        // :: Step 2: take a place
        using RoutedCompletion routed = router.Route(request.Completion);
        CompletionHeaders.SetRoute(http.Response.Headers, routed, request.Ignored);
        if (routed.Refusal is { } refusal)
        {
            await JsonResponse.WriteErrorAsync(http, ErrorTable.ToApiError(refusal));
            return;
        }

        // :: Step 3: wait for the first chunk
        CancellationToken gone = http.RequestAborted;
        await using IAsyncEnumerator<CompletionChunk> chunks = routed.CompleteAsync(gone).GetAsyncEnumerator(gone);
        CompletionChunk? first = await chunks.MoveNextAsync() ? chunks.Current : null;
        if (first is CompletionChunk.Failed { Failure: var failure })
        {
            await JsonResponse.WriteErrorAsync(http, ErrorTable.ToApiError(failure));
            return;
        }
        if (first is not CompletionChunk.Started started) throw ChunkOrder.StartIsMissing(first);
        CompletionHeaders.SetModel(http.Response.Headers, started.Model);
        AnswerHead head = new(request.Completion.Id, time.GetUtcNow(), started.Model, FingerprintOf(routed));

        // :: Step 4: stream, or step 5: collect
        if (request.Streams)
            await StreamAsync(http, chunks, head, request.IncludesUsage);
        else
            await SendWholeAsync(http, chunks, head);
    }

    private async Task StreamAsync(HttpContext http, IAsyncEnumerator<CompletionChunk> chunks, AnswerHead head, bool includesUsage)
    {
        using StreamedAnswer answer = new(http, chunks, head, includesUsage);
        if (await answer.SendAsync() is { } broken) Log.StreamBroke(logger, head.Id, broken);
    }

    private static async Task SendWholeAsync(HttpContext http, IAsyncEnumerator<CompletionChunk> chunks, AnswerHead head)
    {
        (CompleteAnswer? answer, InferenceFailure? failure) = await new WholeAnswer(head).CollectAsync(chunks);
        if (answer is not null)
            await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, answer, CompletionJson.Write);
        else
            await JsonResponse.WriteErrorAsync(http, ErrorTable.ToApiError(failure!));
    }

    private string? FingerprintOf(RoutedCompletion routed) =>
        routed.ServedBy == ServedBy.Local && status.Model is { } model ? SystemFingerprint.Of(model, status.Facts) : null;
}
