using System.Globalization;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>What filters call an attribute: names and indices joined by dots.</summary>
internal sealed class AttributePath
{
    private readonly Value[] _steps;
    private readonly Value? _byDefault;

    private AttributePath(Value[] steps, Value? byDefault)
    {
        _steps = steps;
        _byDefault = byDefault;
    }

    /// <param name="attribute">A text, an index, or nothing for the item itself.</param>
    /// <param name="byDefault">In place of what is undefined on the way.</param>
    public static AttributePath Parse(Value? attribute, Value? byDefault = null) => new(
        attribute switch
        {
            null or NoneValue => [],
            StringValue name => [.. name.Text.Split('.').Select(Step)],
            _ => [attribute],
        },
        byDefault);

    public Value Find(RenderState state, Value item)
    {
        foreach (Value step in _steps)
        {
            item = Attributes.GetItem(state, item, step);
            if (item is UndefinedValue && _byDefault is not null)
                item = _byDefault;
        }
        return item;
    }

    private static Value Step(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? new IntegerValue(index)
            : new StringValue(name, isInput: false);
}
