using System.Text.Json;

namespace LocalInference.Api.Wire;

/// <summary>
/// Says what was found where something else is allowed: short values as they are, long ones by kind and size, so that no prompt ends in an
/// error message.
/// </summary>
internal static class Found
{
    private const int LongestShown = 40;

    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => $"an array of {value.GetArrayLength()}",
        JsonValueKind.Object => "an object",
        JsonValueKind.Undefined => "nothing",
        JsonValueKind.String when value.GetString() is { Length: > LongestShown } text => $"a string of {text.Length} characters",
        JsonValueKind.Number when value.GetRawText() is { Length: > LongestShown } text => $"a number of {text.Length} digits",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        _ => value.GetRawText(),
    };
}
