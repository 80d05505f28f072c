using System.Numerics;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Filters of numbers.</summary>
internal static class NumberFilters
{
    public static readonly IReadOnlyDictionary<string, Builtin> All = new Dictionary<string, Builtin>
    {
        ["abs"] = new("", static (_, value, _) => Numbers.TryGet(value, out Number number)
            ? (number.IsInteger ? new IntegerValue(BigInteger.Abs(number.Integer)) : new FloatValue(Math.Abs(number.Float)))
            : throw Missing(value) ?? TemplateException.Type($"bad operand type for abs(): '{value.TypeName}'")),
        ["int"] = new("default base", ToInteger),
        ["float"] = new("default", static (_, value, a) =>
            TryFloat(value, out double number) ? new FloatValue(number) : a[0] ?? new FloatValue(0)),
        ["round"] = new("precision method", Round),
        ["filesizeformat"] = new("binary", FileSize),
    };

    private static TemplateException? Missing(Value value) => (value as UndefinedValue)?.Error();

    private static Value ToInteger(RenderState state, Value value, Arguments a)
    {
        int numberBase = a.Int(1, 10);
        if (value is StringValue text && Numbers.TryParseInteger(text.Text, numberBase, out BigInteger parsed))
            return new IntegerValue(parsed);
        if (Numbers.TryGetInteger(value, out BigInteger integer))
            return new IntegerValue(integer);
        return TryFloat(value, out double number) && double.IsFinite(number)
            ? new IntegerValue(new BigInteger(Math.Truncate(number)))
            : a[0] ?? IntegerValue.Zero;
    }

    private static bool TryFloat(Value value, out double number)
    {
        if (value is StringValue text)
            return Numbers.TryParseFloat(text.Text, out number);
        if (Missing(value) is { } error)
            throw error;
        bool isNumber = Numbers.TryGet(value, out Number found);
        number = found.AsFloat;
        return isNumber;
    }

    private static Value Round(RenderState state, Value value, Arguments a)
    {
        if (!Numbers.TryGet(value, out Number number))
            throw Missing(value) ?? TemplateException.Type($"type {value.TypeName} doesn't define __round__ method");
        int precision = Math.Clamp(a.Int(0, 0), -400, 400);
        string method = a.Text(1, "common").Text;
        if (method is not ("common" or "ceil" or "floor"))
            throw TemplateException.Value("method must be common, ceil or floor");
        if (method == "common")
            return !number.IsInteger ? new FloatValue(FloatText.Round(number.Float, precision))
                : new IntegerValue(precision >= 0 ? number.Integer : RoundInteger(number.Integer, BigInteger.Pow(10, -precision)));
        double scale = Math.Pow(10, precision), scaled = number.AsFloat * scale;
        return new FloatValue((method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / scale);
    }

    private static BigInteger RoundInteger(BigInteger number, BigInteger unit) =>
        number.Sign * Numbers.DivideToEven(BigInteger.Abs(number), unit) * unit;

    private static Value FileSize(RenderState state, Value value, Arguments a)
    {
        if (!TryFloat(value, out double bytes))
            throw TemplateException.Value("filesizeformat needs a number");
        double unit = a.Flag(0) ? 1024 : 1000;
        string[] names = a.Flag(0)
            ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
            : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
        if (bytes < unit)
            return Template(bytes == 1 ? "1 Byte" : $"{(long)bytes} Bytes");
        int place = 0;
        for (bytes /= unit; bytes >= unit && place < names.Length - 1; place++)
            bytes /= unit;
        return Template($"{FloatText.Fixed(bytes, 1)} {names[place]}");
    }

    private static StringValue Template(string text) => new(text, isInput: false);
}
