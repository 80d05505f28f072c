using System.Globalization;
using System.Net;
using LocalInference.Core.Options;
using LocalInference.Options;

namespace LocalInference.Host.Settings;

/// <summary>Reads all settings out of a configuration; finds every fault in one pass instead of stopping at the first.</summary>
internal static class SettingsBinder
{
    /// <summary>Binds and checks.</summary>
    /// <param name="configuration">Files, environment and command line, later ones winning.</param>
    /// <param name="listens">Whether somebody could come in from outside, so that it matters who may.</param>
    /// <param name="faults">Every fault, by key; empty when the options may be used.</param>
    public static (ServerOptions Server, LocalInferenceOptions Inference) Bind(
        IConfiguration configuration, bool listens, out IReadOnlyList<string> faults)
    {
        List<string> found = [];
        ServerOptions server = (ServerOptions)Fill(typeof(ServerOptions), configuration, "", found);
        LocalInferenceOptions inference = (LocalInferenceOptions)Fill(typeof(LocalInferenceOptions), configuration, "", found);
        foreach (string section in Setting.Sections)
            found.AddRange(UnknownKeys(configuration.GetSection(section)));
        found.AddRange(OptionFaults.Of(server));
        found.AddRange(OptionFaults.Of(inference));
        if (listens && !IsLoopback(server.Host) && inference.Api.Key.Count == 0)
            found.Add(
                $"Host: {server.Host} can be reached from other machines, which needs Api:Key; found none. "
                + "Set a key, or listen on 127.0.0.1.");
        faults = found;
        return (server, inference);
    }

    private static object Fill(Type type, IConfiguration configuration, string prefix, List<string> faults)
    {
        object options = Activator.CreateInstance(type)!;
        foreach (var property in OptionFaults.Settable(type))
        {
            string key = prefix + property.Name;
            if (OptionFaults.IsSection(property))
                property.SetValue(options, Fill(property.PropertyType, configuration, key + ":", faults));
            else if (Text(configuration, key) is { } text)
            {
                if (TryParse(text, property.PropertyType, out object? value, out string allowed)) property.SetValue(options, value);
                else faults.Add($"{key}: found '{text}', allowed is {allowed}.");
            }
        }
        return options;
    }

    /// <summary>A value's text; a list may stand as one text with commas or, in files, as an array.</summary>
    private static string? Text(IConfiguration configuration, string key)
    {
        IConfigurationSection section = configuration.GetSection(key);
        return section.Value ?? (section.GetChildren().Any() ? string.Join(',', section.GetChildren().Select(c => c.Value)) : null);
    }

    private static bool IsList(Type type) => type != typeof(string) && type.IsAssignableFrom(typeof(string[]));

    private static bool TryParse(string text, Type type, out object? value, out string allowed)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (text.Length == 0 && plain != type)
        {
            (value, allowed) = (null, "");
            return true;
        }
        (value, allowed) = plain switch
        {
            _ when plain == typeof(string) => (text, ""),
            _ when plain == typeof(int) => (Read<int>(text), "a whole number"),
            _ when plain == typeof(long) => (Read<long>(text), "a whole number"),
            _ when plain == typeof(TimeSpan) => (Read<TimeSpan>(text), "a time as hours:minutes:seconds"),
            { IsEnum: true } => (ReadName(text, plain), string.Join(" or ", Enum.GetNames(plain).Select(Kebab))),
            _ when IsList(plain) => (text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), ""),
            _ => throw new NotSupportedException($"A setting of type {plain} needs a line in {nameof(SettingsBinder)}."),
        };
        return value is not null;
    }

    private static object? Read<T>(string text)
        where T : struct, IParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out T value) ? value : null;

    private static object? ReadName(string text, Type type) =>
        Enum.GetNames(type).FirstOrDefault(name => Kebab(name) == text) is { } found ? Enum.Parse(type, found) : null;

    /// <summary><c>LocalOnly</c> is written <c>local-only</c>.</summary>
    public static string Kebab(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));

    private static IEnumerable<string> UnknownKeys(IConfigurationSection section) =>
        from pair in section.AsEnumerable()
        where pair.Value is not null && !Setting.All.Any(s => IsKeyOf(pair.Key, s))
        let known = Setting.All.Where(s => s.Key.StartsWith(section.Key + ":", StringComparison.OrdinalIgnoreCase)).Select(s => s.Key)
        select $"{pair.Key}: there is no such setting; allowed are {string.Join(", ", known)}.";

    private static bool IsKeyOf(string key, Setting setting) =>
        key.Equals(setting.Key, StringComparison.OrdinalIgnoreCase)
        || (IsList(setting.Property.PropertyType) && key.StartsWith(setting.Key + ":", StringComparison.OrdinalIgnoreCase));

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
