namespace LocalInference.Text.Parsing;

/// <summary>What a piece of an answer is.</summary>
public enum AnswerPartKind
{
    /// <summary>Text of the reasoning.</summary>
    Reasoning,

    /// <summary>Text of the answer.</summary>
    Content,

    /// <summary>A tool call begins; the text is the function's name.</summary>
    ToolCallStart,

    /// <summary>More of a tool call's arguments.</summary>
    ToolCallArguments,
}

/// <summary>A piece of an answer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; empty only for nothing.</param>
/// <param name="CallIndex">Which tool call it belongs to, from 0.</param>
public readonly record struct AnswerPart(AnswerPartKind Kind, string Text, int CallIndex = 0);
