using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LocalInference.Api.Errors;

namespace LocalInference.Api.Wire;

/// <summary>
/// Bytes to JSON. What gets through here can be read as text everywhere, so that no later step meets a string that is none.
/// </summary>
internal static class JsonBody
{
    public static bool TryParse(
        ReadOnlyMemory<byte> body,
        int maxDepth,
        [NotNullWhen(true)] out JsonDocument? document,
        [NotNullWhen(false)] out ApiError? error)
    {
        document = null;
        error = null;
        try
        {
            if (!Utf8.IsValid(body.Span))
                error = ApiError.Invalid($"The body is not UTF-8: byte {FirstInvalidByte(body.Span)} belongs to no character.");
            else if (FirstBrokenString(body.Span, maxDepth) is { } position)
                error = ApiError.Invalid(
                    $"The body is not JSON: the string at byte {position} holds half of a surrogate pair (\\ud800 to \\udfff).");
            else
                document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            string where = e is { LineNumber: { } line, BytePositionInLine: { } column } ? $" at line {line + 1}, byte {column + 1}" : "";
            error = ApiError.Invalid(
                $"The body is not JSON that can be taken{where} (at most {maxDepth} levels, no name twice in an object): {Reason(e)}");
        }
        return document is not null;
    }

    /// <summary>
    /// The parser checks strings only when they are read; half surrogates can only be written as escapes, which are rare, so most bodies
    /// skip the walk.
    /// </summary>
    private static long? FirstBrokenString(ReadOnlySpan<byte> body, int maxDepth)
    {
        if (body.IndexOf("\\ud"u8) < 0 && body.IndexOf("\\uD"u8) < 0)
            return null;
        Utf8JsonReader reader = new(body, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped)
                continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return reader.TokenStartIndex;
            }
        }
        return null;
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> body)
    {
        int position = 0;
        while (Rune.DecodeFromUtf8(body[position..], out _, out int length) == System.Buffers.OperationStatus.Done)
            position += length;
        return position;
    }

    // The parser appends its own zero-based position, which would contradict ours.
    private static string Reason(JsonException e)
    {
        int tail = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return tail < 0 ? e.Message : e.Message[..tail];
    }
}
