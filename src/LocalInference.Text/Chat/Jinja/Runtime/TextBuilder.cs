using System.Runtime.InteropServices;
using System.Text;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>Builds a <see cref="StringValue"/> stretch by stretch, within the rendering's budget.</summary>
internal sealed class TextBuilder(RenderBudget budget)
{
    private readonly StringBuilder _text = new();
    private readonly List<OriginRun> _runs = [];

    public TextBuilder Append(StringValue value)
    {
        budget.TakeCharacters(value.Text.Length);
        int start = _text.Length;
        _text.Append(value.Text);
        foreach (OriginRun run in value.Runs)
            Cover(start + run.End, run.IsInput);
        return this;
    }

    public TextBuilder Append(ReadOnlySpan<char> text, bool isInput)
    {
        budget.TakeCharacters(text.Length);
        _text.Append(text);
        Cover(_text.Length, isInput);
        return this;
    }

    public TextBuilder Append(char character, int count, bool isInput)
    {
        if (count <= 0)
            return this;
        budget.TakeCharacters(count);
        _text.Append(character, count);
        Cover(_text.Length, isInput);
        return this;
    }

    public StringValue ToValue() => _text.Length == 0 ? StringValue.Empty : new StringValue(_text.ToString(), [.. _runs]);

    private void Cover(int end, bool isInput)
    {
        if (end == (_runs.Count == 0 ? 0 : _runs[^1].End))
            return;
        if (_runs.Count > 0 && _runs[^1].IsInput == isInput)
            CollectionsMarshal.AsSpan(_runs)[^1] = new OriginRun(end, isInput);
        else
            _runs.Add(new OriginRun(end, isInput));
    }
}
