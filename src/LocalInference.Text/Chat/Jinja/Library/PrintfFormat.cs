using System.Numerics;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's <c>format % values</c>. The format's own text keeps its origin, and so does each text that is put in.</summary>
internal sealed class PrintfFormat
{
    private static readonly StringValue Blank = new(" ", isInput: false);
    private static readonly StringValue ZeroDigit = new("0", isInput: false);

    private readonly RenderState _state;
    private readonly StringValue _format;
    private readonly IReadOnlyList<Value> _positional;
    private readonly MappingValue? _named;
    private int _at;
    private int _used;
    private bool _usedName;

    private PrintfFormat(RenderState state, StringValue format, Value values)
    {
        _state = state;
        _format = format;
        _named = values as MappingValue;
        _positional = values is ListValue { IsTuple: true } tuple ? tuple.Elements : [values];
    }

    public static StringValue Apply(RenderState state, StringValue format, Value values)
    {
        PrintfFormat run = new(state, format, values);
        StringValue text = run.Run();
        // Only what can be indexed by a name may be left over: Python takes it for a mapping.
        bool isMapping = values is MappingValue or ListValue { IsTuple: false } or RangeValue or UndefinedValue;
        if (!isMapping && run._used < run._positional.Count)
            throw TemplateException.Type("not all arguments converted during string formatting");
        return text;
    }

    private StringValue Run()
    {
        TextBuilder text = new(_state.Budget);
        string format = _format.Text;
        while (_at < format.Length)
        {
            int next = format.IndexOf('%', _at);
            next = next < 0 ? format.Length : next;
            text.Append(_format.Slice(_at..next));
            _at = next + 1;
            if (next < format.Length)
                text.Append(Convert());
        }
        return text.ToValue();
    }

    private StringValue Convert()
    {
        Value? named = ReadName();
        bool isLeft = false, isZero = false, isAlternate = false;
        char sign = '-';
        for (; Peek() is '-' or '0' or '+' or ' ' or '#'; _at++)
            switch (Peek())
            {
                case '-': isLeft = true; break;
                case '0': isZero = true; break;
                case '#': isAlternate = true; break;
                case '+': sign = '+'; break;
                default: sign = sign == '+' ? '+' : ' '; break;
            }
        int width = ReadCount() ?? 0;
        if (width < 0)
            (width, isLeft) = (-width, true);
        int? precision = null;
        if (Peek() == '.')
        {
            _at++;
            precision = Math.Max(ReadCount() ?? 0, 0);
        }
        while (Peek() is 'l' or 'h' or 'L')
            _at++;
        char type = Peek() ?? throw TemplateException.Value("incomplete format");
        _at++;
        if (type == '%')
            return new StringValue("%", isInput: false);
        isZero = isZero && !isLeft && type is not ('s' or 'r' or 'a' or 'c');
        width = Math.Min(width, FormatSpec.WidthLimit);
        char alignment = isLeft ? '<' : isZero ? '=' : '>';
        FormatSpec spec = new(isZero ? ZeroDigit : Blank, alignment, sign, isAlternate, width, Grouping: '\0', precision, type);
        return Write(spec, named ?? Next());
    }

    private StringValue Write(FormatSpec spec, Value value)
    {
        switch (spec.Type)
        {
            case 's':
                return spec.Write(_state.Budget, _state.Text(value));
            case 'r' or 'a':
                return spec.Write(_state.Budget, PythonText.Repr(value, _state.Budget));
            case 'c' when value is StringValue { Length: 1 } character:
                return spec.Write(_state.Budget, character);
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                if (!Numbers.TryGet(value, out Number number))
                    throw TemplateException.Type($"%{spec.Type} format: a number is required, not {value.TypeName}");
                return WriteNumber(spec, number);
            default:
                throw TemplateException.Value($"unsupported format character '{spec.Type}'");
        }
    }

    private StringValue WriteNumber(FormatSpec spec, Number number)
    {
        if (spec.Type is not ('d' or 'i' or 'u'))
            return spec.Write(_state.Budget, number);
        if (!number.IsInteger && !double.IsFinite(number.Float))
            throw TemplateException.Value($"cannot convert float {FloatText.Repr(number.Float)} to integer");
        if (!number.IsInteger)
            number = new Number(true, new BigInteger(Math.Truncate(number.Float)), 0);
        return (spec with { Type = 'd', Precision = null }).Write(_state.Budget, number);
    }

    private Value? ReadName()
    {
        if (Peek() != '(')
            return null;
        int end = _format.Text.IndexOf(')', _at);
        if (end < 0)
            throw TemplateException.Value("incomplete format key");
        string name = _format.Text[(_at + 1)..end];
        _at = end + 1;
        _usedName = true;
        if (_named is null)
            throw TemplateException.Type("format requires a mapping");
        return _named.Find(name) ?? throw TemplateException.Value($"the mapping has no '{name}'");
    }

    private int? ReadCount()
    {
        if (Peek() == '*')
        {
            _at++;
            return Numbers.RequireInt(Next());
        }
        return FormatSpec.ReadCount(_format.Text, ref _at);
    }

    private Value Next() =>
        _used < _positional.Count && !_usedName
            ? _positional[_used++]
            : throw TemplateException.Type("not enough arguments for format string");

    private char? Peek() => _at < _format.Text.Length ? _format.Text[_at] : null;
}
