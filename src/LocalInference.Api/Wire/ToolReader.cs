using System.Text.Json;

namespace LocalInference.Api.Wire;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>: what the model may call.</summary>
internal static class ToolReader
{
    /// <summary>OpenAI's bound, which the cloud side holds too.</summary>
    private const int MaxNameLength = 64;

    private const string Choices = "\"auto\", \"none\"";

    /// <summary>The tools' elements as they came, free of the document they were read from; none when the client forbids calls.</summary>
    public static IReadOnlyList<JsonElement> Read(Fields request, int maxTools, Findings findings)
    {
        IReadOnlyList<JsonElement> tools = request.Array("tools", maxTools);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < tools.Count; i++)
            CheckTool(tools[i], $"tools[{i}]", names, findings);
        return MayCall(request, findings) && !findings.HasFaults ? [.. tools.Select(tool => tool.Clone())] : [];
    }

    private static bool MayCall(Fields request, Findings findings)
    {
        if (!request.TryFind("tool_choice", out JsonElement choice)) return true;
        string? word = choice.ValueKind == JsonValueKind.String ? choice.GetString() : null;
        if (word == "required" || choice.ValueKind == JsonValueKind.Object)
            findings.Unsupported("tool_choice", choice, Choices);
        else if (word is not ("auto" or "none"))
            findings.Invalid("tool_choice", choice, Choices);
        return word != "none";
    }

    private static void CheckTool(JsonElement element, string path, HashSet<string> names, Findings findings)
    {
        if (Fields.Of(element, path, findings, "an object {\"type\": \"function\", \"function\": …}") is not { } tool) return;
        tool.RequiredWord("type", "function");
        if (tool.RequiredObject("function", "an object {\"name\", \"description\", \"parameters\"}") is { } function)
            CheckFunction(function, names, findings);
    }

    private static void CheckFunction(Fields function, HashSet<string> names, Findings findings)
    {
        if (!function.TryFind("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || !IsName(name.GetString()!))
            findings.Invalid(function.PathOf("name"), name, $"a name of 1 to {MaxNameLength} letters, digits, '_' and '-'");
        else if (!names.Add(name.GetString()!))
            findings.Invalid(function.PathOf("name"), name, "a name that no other tool of the request has");
        function.Text("description");
        function.Object("parameters");
        UnsupportedFields.CheckFunction(function, findings);
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
