using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Parsing;

namespace LocalInference.Text.Chat;

/// <summary>
/// Tells a model about its tools in the system text, for templates that leave definitions out (DeepSeek R1's). The frame is ours
/// and may hold control tokens, as a template's would; the definitions are the client's and stay text.
/// </summary>
internal static class ToolInstructions
{
    private const string Arguments = "{\"argument\": \"value\"}";

    /// <summary>
    /// Puts the definitions before the last system message's text, the only one that such templates keep, or into a new one.
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="tools">Definitions, each as JSON text.</param>
    /// <param name="format">How calls are to be written.</param>
    public static List<Value> Add(IEnumerable<MappingValue> messages, IReadOnlyList<StringValue> tools, ToolCallFormat format)
    {
        List<Value> all = [.. messages];
        TextBuilder text = Describe(tools, format);
        int place = all.FindLastIndex(static message => ((MappingValue)message).Find("role") is StringValue { Text: "system" });
        MappingValue system = new();
        if (place >= 0)
            system = (MappingValue)all[place];
        else
        {
            system.Set("role", new StringValue("system", isInput: false));
            all.Insert(place = 0, system);
        }
        if (system.Find("content") is StringValue { IsTrue: true } content)
            text.Append("\n\n", isInput: false).Append(content);
        all[place] = system.With("content", text.ToValue());
        return all;
    }

    private static TextBuilder Describe(IReadOnlyList<StringValue> tools, ToolCallFormat format)
    {
        TextBuilder text = new(new RenderBudget(Jinja.TemplateLimits.Default));
        text.Append("You can use the following functions to help the user. Each line defines one in JSON:\n\n", isInput: false);
        foreach (StringValue tool in tools)
            text.Append(tool).Append("\n", isInput: false);
        text.Append(
            "\nWhen a function is needed, answer with nothing but calls in exactly this form, one after the other:\n\n", isInput: false);
        return text.Append(Example(format), isInput: false);
    }

    private static string Example(ToolCallFormat format) => format switch
    {
        ToolCallFormat.Fenced => Marked($"function{Markers.CallSeparator}function_name\n```json\n{Arguments}\n```"),
        ToolCallFormat.Bare => Marked($"function_name{Markers.CallSeparator}{Arguments}"),
        _ => $"{Markers.HermesBegin}\n{{\"name\": \"function_name\", \"arguments\": {Arguments}}}\n{Markers.HermesEnd}",
    };

    private static string Marked(string call) => $"{Markers.CallsBegin}{Markers.CallBegin}{call}{Markers.CallEnd}{Markers.CallsEnd}";
}
