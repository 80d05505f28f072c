using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LocalInference.Api.Errors;
using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Wire;

/// <summary>Whole JSON bodies: built in memory, so that they have a length and a fault while building can still become a status.</summary>
internal static class JsonResponse
{
    public static Task WriteAsync<TContent>(HttpContext http, int status, TContent content, Action<Utf8JsonWriter, TContent> write)
    {
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body, WireJson.WriterOptions))
            write(json, content);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = body.WrittenCount;
        return http.Response.Body.WriteAsync(body.WrittenMemory, http.RequestAborted).AsTask();
    }

    public static Task WriteErrorAsync(HttpContext http, ApiError error)
    {
        if (error.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return WriteAsync(http, error.Status, error, ErrorJson.Write);
    }
}
