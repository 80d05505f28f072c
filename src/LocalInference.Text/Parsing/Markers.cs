namespace LocalInference.Text.Parsing;

/// <summary>What models write around reasoning and tool calls. The bars are U+FF5C and the low lines U+2581, not ASCII.</summary>
internal static class Markers
{
    public const string ThinkBegin = "<think>";
    public const string ThinkEnd = "</think>";

    public const string CallsBegin = "<｜tool▁calls▁begin｜>";
    public const string CallsEnd = "<｜tool▁calls▁end｜>";
    public const string CallBegin = "<｜tool▁call▁begin｜>";
    public const string CallSeparator = "<｜tool▁sep｜>";
    public const string CallEnd = "<｜tool▁call▁end｜>";

    public const string HermesBegin = "<tool_call>";
    public const string HermesEnd = "</tool_call>";

    public const string DsmlCallsV32 = "function_calls";
    public const string DsmlCallsV4 = "tool_calls";
    public const string DsmlInvokeBegin = "<｜DSML｜invoke";
    public const string DsmlInvokeEnd = "</｜DSML｜invoke>";
    public const string DsmlParameterBegin = "<｜DSML｜parameter";
    public const string DsmlParameterEnd = "</｜DSML｜parameter>";
}
