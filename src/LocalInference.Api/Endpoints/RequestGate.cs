using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LocalInference.Api.Endpoints;

/// <summary>
/// What every route has around it: the request's id in the answer, and the one place that catches what a handler throws, so that a client
/// never meets an error page of the application around us.
/// </summary>
internal sealed class RequestGate(ILogger<RequestGate> logger)
{
    private const string RequestId = "X-Request-Id";
    private const int MaxRequestIdLength = 128;

    /// <summary>What logs show for a client that went away (nginx's number); nobody is there to receive it.</summary>
    private const int ClientClosedRequest = 499;

    /// <summary>The handler with all that around it.</summary>
    public RequestDelegate Around(RequestDelegate handler) => http => HandleAsync(http, handler);

    private async Task HandleAsync(HttpContext http, RequestDelegate handler)
    {
        http.Response.Headers[RequestId] = IdOf(http);
        try
        {
            await handler(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(logger, http.Request.Method, http.Request.Path);
            if (!http.Response.HasStarted) http.Response.StatusCode = ClientClosedRequest;
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await JsonResponse.WriteErrorAsync(http, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? new ApiError(e.StatusCode, ErrorTypes.InvalidRequest, ErrorCodes.RequestTooLarge, e.Message)
                : new ApiError(e.StatusCode, ErrorTypes.InvalidRequest, null, e.Message));
        }
        catch (Exception e)
        {
            Log.RequestFailed(logger, http.Request.Method, http.Request.Path, e);
            if (http.Response.HasStarted)
                http.Abort();
            else
                await JsonResponse.WriteErrorAsync(http, ApiError.Internal());
        }
    }

    /// <summary>The client's own id where it can stand in a header as it is; else the server's.</summary>
    private static string IdOf(HttpContext http)
    {
        string given = http.Request.Headers[RequestId].ToString();
        return given.Length is > 0 and <= MaxRequestIdLength && given.All(c => c is > ' ' and <= '~') ? given : http.TraceIdentifier;
    }
}
