using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary>
/// The <c>loop</c> of a running for statement. It looks one element ahead only when it is asked for the last or the next one.
/// </summary>
internal sealed class LoopValue : CallableValue
{
    private readonly Func<Value, StringValue>? _recurse;
    private readonly int _depth;
    private IEnumerator<Value> _source;
    private int? _length;
    private int _index = -1;
    private Value? _before;
    private Value? _current;
    private Value? _after;
    private ListValue? _lastChanged;

    public LoopValue(IEnumerable<Value> source, int? length, Func<Value, StringValue>? recurse, int depth)
    {
        _source = source.GetEnumerator();
        _length = length;
        _recurse = recurse;
        _depth = depth;
    }

    public override string TypeName => "LoopContext";

    public override string Described => string.Create(CultureInfo.InvariantCulture, $"LoopContext {_index + 1}/{Count()}");

    public override int? Length => Count();

    /// <summary>Goes to the next element.</summary>
    public bool MoveNext([NotNullWhen(true)] out Value? item)
    {
        item = Peek();
        _after = null;
        if (item is null)
            return false;
        _index++;
        _before = _current;
        _current = item;
        return true;
    }

    public override Value? Attribute(string name) => name switch
    {
        "index" => new IntegerValue(_index + 1),
        "index0" => new IntegerValue(_index),
        "revindex" => new IntegerValue(Count() - _index),
        "revindex0" => new IntegerValue(Count() - _index - 1),
        "first" => BoolValue.Of(_index == 0),
        "last" => BoolValue.Of(Peek() is null),
        "length" => new IntegerValue(Count()),
        "depth" => new IntegerValue(_depth + 1),
        "depth0" => new IntegerValue(_depth),
        "previtem" => _before ?? UndefinedValue.Because("there is no previous item"),
        "nextitem" => Peek() ?? UndefinedValue.Because("there is no next item"),
        "cycle" => new FunctionValue("cycle", (_, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[_index % arguments.Positional.Count]
            : throw TemplateException.Type("no items for cycling given")),
        "changed" => new FunctionValue("changed", Changed),
        _ => null,
    };

    public override Value Call(RenderState state, CallArguments arguments)
    {
        if (_recurse is null)
            throw TemplateException.Type("The loop must have the 'recursive' marker to be called recursively.");
        return _recurse(arguments.Bind("loop", ["iterable"], 1)[0]!);
    }

    private Value? Peek() => _after ??= _source.MoveNext() ? _source.Current : null;

    // Where the source has no length, the rest of it is made now.
    private int Count()
    {
        if (_length is { } known)
            return known;
        List<Value> rest = [];
        if (Peek() is { } next)
            rest.Add(next);
        while (_source.MoveNext())
            rest.Add(_source.Current);
        _after = null;
        _source = rest.GetEnumerator();
        _length = _index + 1 + rest.Count;
        return _length.Value;
    }

    private BoolValue Changed(RenderState state, CallArguments arguments)
    {
        ListValue values = new(arguments.Positional, isTuple: true);
        bool isSame = _lastChanged is not null && state.Equality.Equals(_lastChanged, values);
        _lastChanged = values;
        return BoolValue.Of(!isSame);
    }
}
