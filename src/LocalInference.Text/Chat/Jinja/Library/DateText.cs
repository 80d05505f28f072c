using System.Globalization;
using System.Text;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>C's <c>strftime</c> in the C locale, for <c>strftime_now</c>.</summary>
internal static class DateText
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    public static string Format(DateTimeOffset time, string format)
    {
        StringBuilder text = new();
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }
            // glibc's flag '-' leaves leading zeros out.
            bool isBare = format[at + 1] == '-' && at + 2 < format.Length;
            at += isBare ? 2 : 1;
            string field = Field(time, format[at]) ?? (isBare ? "%-" : "%") + format[at];
            text.Append(isBare && field.Length > 1 && field.All(char.IsAsciiDigit) ? field.TrimStart('0').PadLeft(1, '0') : field);
        }
        return text.ToString();
    }

    private static string? Field(DateTimeOffset time, char letter) => letter switch
    {
        'a' => time.ToString("ddd", English),
        'A' => time.ToString("dddd", English),
        'b' or 'h' => time.ToString("MMM", English),
        'B' => time.ToString("MMMM", English),
        'c' => Format(time, "%a %b %e %H:%M:%S %Y"),
        'C' => (time.Year / 100).ToString("00", English),
        'd' => time.ToString("dd", English),
        'D' or 'x' => Format(time, "%m/%d/%y"),
        'e' => time.Day.ToString(English).PadLeft(2),
        'f' => time.ToString("ffffff", English),
        'F' => Format(time, "%Y-%m-%d"),
        'g' => (ISOWeek.GetYear(time.DateTime) % 100).ToString("00", English),
        'G' => ISOWeek.GetYear(time.DateTime).ToString(English),
        'H' => time.ToString("HH", English),
        'I' => time.ToString("hh", English),
        'j' => time.DayOfYear.ToString("000", English),
        'k' => time.Hour.ToString(English).PadLeft(2),
        'l' => ((time.Hour + 11) % 12 + 1).ToString(English).PadLeft(2),
        'm' => time.ToString("MM", English),
        'M' => time.ToString("mm", English),
        'n' => "\n",
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Format(time, "%I:%M:%S %p"),
        'R' => Format(time, "%H:%M"),
        's' => time.ToUnixTimeSeconds().ToString(English),
        'S' => time.ToString("ss", English),
        't' => "\t",
        'T' or 'X' => Format(time, "%H:%M:%S"),
        'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(English),
        'U' => ((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7).ToString("00", English),
        'V' => ISOWeek.GetWeekOfYear(time.DateTime).ToString("00", English),
        'w' => ((int)time.DayOfWeek).ToString(English),
        'W' => ((time.DayOfYear + 6 - ((int)time.DayOfWeek + 6) % 7) / 7).ToString("00", English),
        'y' => time.ToString("yy", English),
        'Y' => time.Year.ToString(English),
        // The clock of a prompt is a naive one in Python, which has no zone to name.
        'z' or 'Z' => "",
        '%' => "%",
        _ => null,
    };
}
