using System.Buffers;
using System.IO.Pipelines;
using LocalInference.Api.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace LocalInference.Api.Endpoints;

/// <summary>
/// Reads a request's body, whole, within the limit. The limit is this project's own, whatever the server around it allows.
/// </summary>
internal static class RequestBody
{
    public static async ValueTask<(ReadOnlyMemory<byte> Body, ApiError? Error)> ReadAsync(
        HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType)) return (default, ApiError.NotJson(request.ContentType));
        if (request.ContentLength > maxBytes) return (default, ApiError.BodyTooLarge(maxBytes));
        // Kestrel's own limit counts the framing of chunks too and may be lower than ours; the count below is exact.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;
        ArrayBufferWriter<byte> body = request.ContentLength is > 0 and { } length ? new((int)length) : new();
        while (true)
        {
            ReadResult read = await request.BodyReader.ReadAsync(cancellationToken);
            bool fits = read.Buffer.Length <= maxBytes - body.WrittenCount;
            if (fits)
            {
                foreach (ReadOnlyMemory<byte> segment in read.Buffer) body.Write(segment.Span);
            }
            // Also of a body that is refused: the server can only discard the rest when nobody is in the middle of a read.
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (!fits) return (default, ApiError.BodyTooLarge(maxBytes));
            if (read.IsCompleted) return (body.WrittenMemory, null);
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
