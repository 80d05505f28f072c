using System.Globalization;
using Spectre.Console;

namespace LocalInference.Bench;

/// <summary>What all commands' tables have in common.</summary>
internal static class Tables
{
    /// <summary>Wide enough for a whole table where no terminal says how wide it is.</summary>
    private const int WidthWithoutTerminal = 160;

    /// <summary>Leaves colours away and takes room where the output is no terminal.</summary>
    public static void Adapt(IAnsiConsole console)
    {
        if (console.Profile.Out.IsTerminal) return;
        console.Profile.Width = WidthWithoutTerminal;
        console.Profile.Capabilities.Ansi = false;
        console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }

    /// <summary>A figure in three digits, which say all that a run can tell (--json has the rest); a dash for null.</summary>
    public static string Short(double? value) =>
        value?.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture) ?? "–";
}
