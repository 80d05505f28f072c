namespace LocalInference.Text.Parsing;

/// <summary>How a model writes its tool calls.</summary>
internal enum ToolCallFormat
{
    /// <summary>In no way that is known here: all text is content.</summary>
    None,

    /// <summary>
    /// DeepSeek R1, its distills and V3: <c>&lt;｜tool▁call▁begin｜&gt;function&lt;｜tool▁sep｜&gt;NAME</c>, then the arguments in a
    /// <c>```json</c> fence.
    /// </summary>
    Fenced,

    /// <summary>
    /// DeepSeek V3.1: <c>&lt;｜tool▁call▁begin｜&gt;NAME&lt;｜tool▁sep｜&gt;</c>, then the arguments. The same parser reads both.
    /// </summary>
    Bare,

    /// <summary>DeepSeek V3.2 and V4: <c>&lt;｜DSML｜invoke name="…"&gt;</c> with a tag for each parameter.</summary>
    Dsml,

    /// <summary>Qwen and Hermes: a JSON object with name and arguments between <c>&lt;tool_call&gt;</c> tags.</summary>
    Hermes,
}

/// <summary>Tells formats by the templates that teach them.</summary>
internal static class ToolCallFormats
{
    /// <summary>The format that a chat template renders past calls in, or tells the model to use.</summary>
    /// <param name="template">The template's source.</param>
    public static ToolCallFormat Detect(string template)
    {
        if (template.Contains("｜DSML｜", StringComparison.Ordinal))
            return ToolCallFormat.Dsml;
        if (template.Contains(Markers.CallSeparator, StringComparison.Ordinal))
            return template.Contains("```json", StringComparison.Ordinal) ? ToolCallFormat.Fenced : ToolCallFormat.Bare;
        bool isHermes = template.Contains(Markers.HermesBegin, StringComparison.Ordinal)
            && !template.Contains("<function=", StringComparison.Ordinal);
        return isHermes ? ToolCallFormat.Hermes : ToolCallFormat.None;
    }
}
