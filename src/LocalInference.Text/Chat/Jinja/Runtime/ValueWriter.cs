using System.Text;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>
/// Writes a value, and what it holds, as one text within the rendering's budget. Such a text mixes its parts: it is input if any of them
/// is.
/// </summary>
internal abstract class ValueWriter(RenderBudget budget)
{
    private bool _hasInput;

    protected StringBuilder Text { get; } = new();

    public StringValue ToText(Value value)
    {
        Write(value);
        return new StringValue(Text.ToString(), _hasInput);
    }

    protected void Write(Value value)
    {
        budget.Enter();
        int start = Text.Length;
        if (value is StringValue text)
            WriteText(text);
        else
            WriteOther(value);
        budget.TakeCharacters(Math.Max(1, Text.Length - start));
        budget.Leave();
    }

    protected void WriteText(StringValue text)
    {
        _hasInput |= text.HasInput;
        WriteQuoted(text.Text);
    }

    protected abstract void WriteQuoted(string text);

    /// <summary>Writes what is no text.</summary>
    protected abstract void WriteOther(Value value);
}
