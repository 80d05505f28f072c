using System.Globalization;
using System.Numerics;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>Floats as Python writes them.</summary>
internal static class FloatText
{
    /// <summary>Python's <c>repr</c>: the shortest digits that read back the same, exponents below 1e-4 and from 1e16.</summary>
    public static string Repr(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        string sign = double.IsNegative(number) ? "-" : "";
        double magnitude = Math.Abs(number);
        (string digits, int exponent) =
            Decompose(magnitude.ToString("E16", CultureInfo.InvariantCulture), magnitude.ToString("R", CultureInfo.InvariantCulture));
        return sign + Layout(digits, exponent, number == 0 || exponent is >= -4 and < 16);
    }

    /// <summary>Fixed notation, correctly rounded, ties to even (C#'s own rounds ties away from zero).</summary>
    public static string Fixed(double number, int digits)
    {
        if (!double.IsFinite(number))
            return Repr(number);
        string text = Scale(number, digits).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        string sign = double.IsNegative(number) ? "-" : "";
        return digits == 0 ? sign + text : $"{sign}{text[..^digits]}.{text[^digits..]}";
    }

    /// <summary>Python's <c>round(number, digits)</c>; <paramref name="digits"/> may be negative.</summary>
    public static double Round(double number, int digits)
    {
        if (!double.IsFinite(number) || digits > 323)
            return number;
        BigInteger scaled = Scale(number, digits);
        double magnitude = double.Parse($"{scaled.ToString(CultureInfo.InvariantCulture)}E{-digits}", CultureInfo.InvariantCulture);
        return double.IsNegative(number) ? -magnitude : magnitude;
    }

    /// <summary>Exponent notation with two exponent digits at least.</summary>
    public static string Exponent(double number, int digits)
    {
        if (!double.IsFinite(number))
            return Repr(number);
        string text = number.ToString("E" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        int at = text.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return $"{text[..at]}e{ExponentText(exponent)}";
    }

    /// <summary>General notation (<c>%g</c>): <paramref name="precision"/> significant digits, without trailing zeros.</summary>
    public static string General(double number, int precision)
    {
        if (!double.IsFinite(number))
            return Repr(number);
        precision = Math.Max(precision, 1);
        string scientific = Exponent(number, precision - 1);
        int at = scientific.IndexOf('e', StringComparison.Ordinal);
        int exponent = int.Parse(scientific.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < precision)
            return TrimZeros(Fixed(number, precision - 1 - exponent));
        return TrimZeros(scientific[..at]) + scientific[at..];
    }

    private static string TrimZeros(string text) => text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;

    private static string ExponentText(int exponent) =>
        (exponent < 0 ? "-" : "+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);

    // |number| · 10^digits as an integer, from the float's exact value, ties to even.
    private static BigInteger Scale(double number, int digits)
    {
        long bits = BitConverter.DoubleToInt64Bits(number);
        int exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger numerator = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        exponent = Math.Max(exponent, 1) - 1075;
        BigInteger denominator = 1;
        if (digits >= 0)
            numerator *= BigInteger.Pow(10, digits);
        else
            denominator = BigInteger.Pow(10, Math.Min(-digits, 400));
        if (exponent >= 0)
            numerator <<= exponent;
        else
            denominator <<= -exponent;
        return Numbers.DivideToEven(numerator, denominator);
    }

    // "R" gives the shortest digits but its own layout; the exponent is read from the other form.
    private static (string Digits, int Exponent) Decompose(string scientific, string shortest)
    {
        int mark = shortest.IndexOf('E', StringComparison.Ordinal);
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string whole = (point < 0 ? mantissa : mantissa[..point]).TrimStart('0');
        if (digits.Length == 0)
            return ("0", 0);
        if (mark >= 0)
            return (digits, int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        if (whole.Length > 0)
            return (digits, whole.Length - 1);
        ReadOnlySpan<char> exponent = scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1);
        return (digits, int.Parse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }

    private static string Layout(string digits, int exponent, bool isFixed)
    {
        if (!isFixed)
            return $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{ExponentText(exponent)}";
        if (exponent < 0)
            return "0." + new string('0', -exponent - 1) + digits;
        if (digits.Length <= exponent + 1)
            return digits.PadRight(exponent + 1, '0') + ".0";
        return $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
