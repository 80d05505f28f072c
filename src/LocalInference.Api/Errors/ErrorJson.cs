using System.Text.Json;

namespace LocalInference.Api.Errors;

/// <summary>OpenAI's error object, the same as a whole body and as the last frame of a broken stream.</summary>
internal static class ErrorJson
{
    public static void Write(Utf8JsonWriter json, ApiError error)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        json.WriteString("param"u8, error.Parameter);
        json.WriteString("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
