using System.Globalization;
using System.Numerics;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>How one value is written, in the words of Python's format mini-language; <c>%</c> formats are brought to the same.</summary>
/// <param name="Fill">What pads, one code point.</param>
/// <param name="Alignment"><c>&lt;</c>, <c>&gt;</c>, <c>^</c>, <c>=</c> (after the sign), or <c>\0</c> for the type's own.</param>
/// <param name="Sign"><c>+</c>, <c>-</c> or a blank: what positive numbers get.</param>
/// <param name="IsAlternate">Prefix of other number bases.</param>
/// <param name="Width">Code points at least.</param>
/// <param name="Grouping"><c>,</c> or <c>_</c> between thousands, or <c>\0</c>.</param>
/// <param name="Precision">Null for the type's own.</param>
/// <param name="Type">The conversion letter, or <c>\0</c>.</param>
internal readonly record struct FormatSpec(
    StringValue Fill, char Alignment, char Sign, bool IsAlternate, int Width, char Grouping, int? Precision, char Type)
{
    /// <summary>More would be no text but an attack on memory; C# formats no longer precisions either.</summary>
    public const int WidthLimit = 1_000_000;

    private const int PrecisionLimit = 10_000;

    /// <summary>Reads a width or precision; null where no digit stands.</summary>
    public static int? ReadCount(string text, ref int at)
    {
        int? count = null;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            count = Math.Min((count ?? 0) * 10 + (text[at] - '0'), WidthLimit);
        return count;
    }

    /// <summary>Writes a text.</summary>
    public StringValue Write(RenderBudget budget, StringValue text)
    {
        if (Precision is { } precision && text.Length > precision)
        {
            int[] starts = CodePoints.Starts(text.Text);
            text = text.Slice(..starts[precision]);
        }
        return Padding.Pad(budget, text, Width, Fill, Alignment == '\0' ? '<' : Alignment);
    }

    /// <summary>Writes a number.</summary>
    public StringValue Write(RenderBudget budget, Number number)
    {
        if (Precision > PrecisionLimit)
            throw TemplateException.Value($"A precision above {PrecisionLimit}.");
        string digits = Digits(number);
        bool isNegative = digits.StartsWith('-');
        string sign = isNegative ? "-" : Sign is '+' or ' ' ? Sign.ToString() : "";
        string body = (isNegative ? digits[1..] : digits) + (Type == '%' ? "%" : "");
        string prefix = IsAlternate ? Type switch { 'x' => "0x", 'X' => "0X", 'o' => "0o", 'b' => "0b", _ => "" } : "";
        if (Grouping != '\0')
            body = Group(body);
        if (Alignment == '=')
        {
            int missing = Width - sign.Length - prefix.Length - body.Length;
            TextBuilder inside = new TextBuilder(budget).Append(sign + prefix, isInput: false);
            Padding.Fill(inside, Fill, missing);
            return inside.Append(body, isInput: false).ToValue();
        }
        return Padding.Pad(budget, new StringValue(sign + prefix + body, isInput: false), Width, Fill, Alignment == '\0' ? '>' : Alignment);
    }

    private string Digits(Number number)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        return Type switch
        {
            'f' or 'F' => FloatText.Fixed(number.AsFloat, Precision ?? 6),
            '%' => FloatText.Fixed(number.AsFloat * 100, Precision ?? 6),
            'e' => FloatText.Exponent(number.AsFloat, Precision ?? 6),
            'E' => FloatText.Exponent(number.AsFloat, Precision ?? 6).ToUpperInvariant(),
            'g' => FloatText.General(number.AsFloat, Precision ?? 6),
            'G' => FloatText.General(number.AsFloat, Precision ?? 6).ToUpperInvariant(),
            'x' => Radix(number, 16),
            'X' => Radix(number, 16).ToUpperInvariant(),
            'o' => Radix(number, 8),
            'b' => Radix(number, 2),
            '\0' or 'd' or 'n' when number.IsInteger => number.Integer.ToString(culture),
            '\0' or 'n' => Precision is { } precision ? FloatText.General(number.AsFloat, precision) : FloatText.Repr(number.AsFloat),
            _ => throw TemplateException.Value($"Unknown format code '{Type}' for object of type '{(number.IsInteger ? "int" : "float")}'"),
        };
    }

    private string Radix(Number number, int radix)
    {
        if (!number.IsInteger)
            throw TemplateException.Value($"Unknown format code '{Type}' for object of type 'float'");
        BigInteger rest = BigInteger.Abs(number.Integer);
        List<char> digits = [];
        do
        {
            rest = BigInteger.DivRem(rest, radix, out BigInteger digit);
            digits.Add("0123456789abcdef"[(int)digit]);
        }
        while (!rest.IsZero);
        if (number.Integer.Sign < 0)
            digits.Add('-');
        digits.Reverse();
        return new string([.. digits]);
    }

    private string Group(string body)
    {
        int end = body.AsSpan().IndexOfAnyExceptInRange('0', '9') is var at && at < 0 ? body.Length : at;
        for (int place = end - 3; place > 0; place -= 3)
            body = body.Insert(place, Grouping.ToString());
        return body;
    }
}
