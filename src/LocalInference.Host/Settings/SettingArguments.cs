using System.CommandLine;
using System.Reflection;

namespace LocalInference.Host.Settings;

/// <summary>
/// Settings as command-line options: <c>--Engine:MaxSequences 8</c>, in any case; root settings in lower case too (<c>--model</c>).
/// </summary>
internal static class SettingArguments
{
    /// <summary>One option per setting, with its documentation as help.</summary>
    /// <param name="listens">Whether the command is a server; another one refuses the settings that would have no effect.</param>
    public static IReadOnlyList<Option<string>> CreateOptions(bool listens) =>
    [
        .. from setting in Setting.All
           where listens || !setting.IsOfServer
           select new Option<string>(Name(setting))
           {
               Description = SettingDocumentation.Of(setting),
               HelpName = Placeholder(setting.Property),
           },
    ];

    /// <summary>What of a command line sets something, as key and value.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Values(ParseResult parsed) =>
        from setting in Setting.All
        let option = parsed.CommandResult.Command.Options.FirstOrDefault(o => o.Name == Name(setting)) as Option<string>
        let value = option is null ? null : parsed.GetValue(option)
        where value is not null
        select KeyValuePair.Create(setting.Key, (string?)value);

    /// <summary>
    /// Brings setting options into their documented spelling: keys are case-insensitive like every configuration key, and
    /// <c>--Section:Key=value</c> must not be split at its colon.
    /// </summary>
    public static string[] Normalise(string[] arguments) => [.. arguments.SelectMany(argument =>
    {
        int equals = argument.IndexOf('=');
        string name = equals < 0 ? argument : argument[..equals];
        Setting? setting = Setting.All.FirstOrDefault(s => Name(s).Equals(name, StringComparison.OrdinalIgnoreCase));
        return setting is null ? [argument] : equals < 0 ? [Name(setting)] : new[] { Name(setting), argument[(equals + 1)..] };
    })];

    private static string Name(Setting setting) => "--" + (setting.Key.Contains(':') ? setting.Key : setting.Key.ToLowerInvariant());

    private static string Placeholder(PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            _ when type == typeof(int) || type == typeof(long) => "N",
            _ when type == typeof(TimeSpan) => "h:m:s",
            { IsEnum: true } => string.Join("|", Enum.GetNames(type).Select(SettingsBinder.Kebab)),
            _ => property.Name.ToUpperInvariant(),
        };
    }
}
