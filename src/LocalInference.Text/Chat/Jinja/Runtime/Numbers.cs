using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>A number of either type. Python computes with integers of any size as long as no float is involved.</summary>
internal readonly record struct Number(bool IsInteger, BigInteger Integer, double Float)
{
    public double AsFloat => IsInteger ? (double)Integer : Float;

    public Value ToValue() => IsInteger ? new IntegerValue(Integer) : new FloatValue(Float);

    /// <summary>
    /// Exact also between large integers and floats. NaN is smaller than nothing and equals nothing: callers test for it.
    /// </summary>
    public int CompareTo(Number other)
    {
        if (IsInteger && other.IsInteger)
            return Integer.CompareTo(other.Integer);
        if (IsInteger != other.IsInteger && double.IsFinite(AsFloat) && double.IsFinite(other.AsFloat))
        {
            BigInteger floor = new(Math.Floor(IsInteger ? other.Float : Float));
            BigInteger integer = IsInteger ? Integer : other.Integer;
            bool isWhole = Math.Floor(IsInteger ? other.Float : Float) == (IsInteger ? other.Float : Float);
            int order = integer.CompareTo(floor) is var byFloor && byFloor != 0 ? byFloor : isWhole ? 0 : -1;
            return IsInteger ? order : -order;
        }
        return AsFloat == other.AsFloat ? 0 : AsFloat < other.AsFloat ? -1 : 1;
    }
}

/// <summary>Numbers out of values and texts.</summary>
internal static class Numbers
{
    public static bool TryGet([NotNullWhen(true)] Value? value, out Number number)
    {
        number = value switch
        {
            IntegerValue integer => new Number(true, integer.Number, 0),
            BoolValue flag => new Number(true, flag.Flag ? 1 : 0, 0),
            FloatValue real => new Number(false, 0, real.Number),
            _ => default,
        };
        return value is IntegerValue or BoolValue or FloatValue;
    }

    public static bool TryGetInteger([NotNullWhen(true)] Value? value, out BigInteger integer)
    {
        bool found = TryGet(value, out Number number) && number.IsInteger;
        integer = number.Integer;
        return found;
    }

    /// <summary>
    /// An integer argument; beyond int it is brought to int's nearest end, where every use of it fails or saturates alike.
    /// </summary>
    public static int RequireInt(Value value)
    {
        if (!TryGetInteger(value, out BigInteger integer))
            throw TemplateException.Type($"'{value.TypeName}' object cannot be interpreted as an integer");
        return (int)BigInteger.Min(BigInteger.Max(integer, int.MinValue), int.MaxValue);
    }

    /// <summary>The nearest integer to a quotient of two that are not negative; of two as near the even one.</summary>
    public static BigInteger DivideToEven(BigInteger numerator, BigInteger denominator)
    {
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        int order = (rest * 2).CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    /// <summary>
    /// Python's <c>int(text, base)</c>: blanks around, a sign, single underscores between digits, a prefix where the base allows it.
    /// </summary>
    public static bool TryParseInteger(string text, int numberBase, out BigInteger integer)
    {
        integer = 0;
        ReadOnlySpan<char> rest = Trim(text);
        bool isNegative = rest.StartsWith("-");
        if (isNegative || rest.StartsWith("+"))
            rest = rest[1..];
        int named = rest is ['0', var letter, _, ..] ? char.ToLowerInvariant(letter) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (named != 0 && (numberBase == 0 || numberBase == named))
        {
            numberBase = named;
            rest = rest[2..].TrimStart('_');
        }
        if (rest.IsEmpty || rest[0] == '_' || rest[^1] == '_' || rest.Contains("__", StringComparison.Ordinal))
            return false;
        RenderBudget.CheckBits(rest.Length * 4L);
        foreach (char character in rest)
        {
            if (character == '_')
                continue;
            int digit = char.IsDigit(character) ? (int)char.GetNumericValue(character)
                : char.IsAsciiLetter(character) ? (character | 0x20) - 'a' + 10
                : 99;
            if (digit >= (numberBase == 0 ? 10 : numberBase))
                return false;
            integer = integer * (numberBase == 0 ? 10 : numberBase) + digit;
        }
        if (isNegative)
            integer = -integer;
        return true;
    }

    /// <summary>Python's <c>float(text)</c>.</summary>
    public static bool TryParseFloat(string text, out double number)
    {
        string trimmed = Trim(text).ToString();
        switch (trimmed.TrimStart('+', '-').ToLowerInvariant())
        {
            case "inf" or "infinity":
                number = trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
                return true;
            case "nan":
                number = double.NaN;
                return true;
        }
        bool isClean = trimmed.All(c => char.IsAsciiDigit(c) || c is '.' or 'e' or 'E' or '+' or '-' or '_')
            && !trimmed.Contains("__", StringComparison.Ordinal);
        number = 0;
        string digits = trimmed.Replace("_", "", StringComparison.Ordinal);
        return isClean && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    private static ReadOnlySpan<char> Trim(string text)
    {
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty && CodePoints.IsSpace(rest[0]))
            rest = rest[1..];
        while (!rest.IsEmpty && CodePoints.IsSpace(rest[^1]))
            rest = rest[..^1];
        return rest;
    }
}
