using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace LocalInference.Quantize.Commands;

/// <summary>Options that take a whole number, with errors that say which.</summary>
internal static class NumberOption
{
    /// <param name="name">As on the command line.</param>
    /// <param name="description">For the help.</param>
    /// <param name="allowed">For the error, as in <c>0 to 9</c>.</param>
    /// <param name="isAllowed">Whether a number is one of these.</param>
    public static Option<T?> Create<T>(string name, string description, string allowed, Func<T, bool> isAllowed)
        where T : struct, IBinaryInteger<T> => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T number) && isAllowed(number))
                return number;
            result.AddError($"{name} is '{text}'; allowed: {allowed}.");
            return null;
        },
    };
}
