using System.Text.Json;
using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Endpoints;

/// <summary>Makes the ids of answers.</summary>
/// <param name="next">Where the chance comes from: tests hold every byte of an answer to a file.</param>
internal sealed class CompletionIds(Func<Guid> next)
{
    public string Next() => $"chatcmpl-{next():N}";
}

/// <summary>From an HTTP request to a checked one, or to the error that says everything that is wrong with it.</summary>
internal sealed class ChatRequestReader(ApiOptions options, RequestValidator validator, ModelCatalog catalog, CompletionIds ids)
{
    public async ValueTask<(ChatRequest? Request, ApiError? Error)> ReadAsync(HttpContext http)
    {
        (ReadOnlyMemory<byte> body, ApiError? error) = await RequestBody.ReadAsync(http.Request, options.MaxBodyBytes, http.RequestAborted);
        if (error is not null) return (null, error);
        if (!JsonBody.TryParse(body, options.MaxJsonDepth, out JsonDocument? document, out error)) return (null, error);
        using (document)
        {
            if (!validator.TryValidate(document.RootElement, http.Request.Headers, ids.Next(), out ChatRequest? request, out error))
                return (null, error);
            bool isServed = request.Model is { } model ? catalog.TryFind(model, out _, out error) : catalog.TryGet(out _, out error);
            return isServed ? (request, null) : (null, error);
        }
    }
}
