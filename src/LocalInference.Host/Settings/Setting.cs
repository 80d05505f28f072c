using System.Reflection;
using LocalInference.Core.Options;
using LocalInference.Options;

namespace LocalInference.Host.Settings;

/// <summary>One setting: a leaf of the options tree and its key, for example <c>Engine:MaxSequences</c>.</summary>
/// <param name="Key">The path of property names.</param>
/// <param name="Property">Where its value lands.</param>
internal sealed record Setting(string Key, PropertyInfo Property)
{
    // What only a server has use for: where it listens, whom it lets in, whom it asks when it is full.
    private static readonly string[] ServerSections = ["Api:", "Cloud:"];

    /// <summary>Whether it means nothing to a command that does not listen.</summary>
    public bool IsOfServer => Property.DeclaringType == typeof(ServerOptions)
        || ServerSections.Any(section => Key.StartsWith(section, StringComparison.Ordinal));

    /// <summary>All settings of the program, root values first.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [.. Leaves(typeof(ServerOptions), ""), .. Leaves(typeof(LocalInferenceOptions), "")];

    /// <summary>Sections that are ours: every key under them must be known.</summary>
    public static IReadOnlyList<string> Sections { get; } =
        [.. All.Where(s => s.Key.Contains(':')).Select(s => s.Key[..s.Key.IndexOf(':')]).Distinct()];

    private static IEnumerable<Setting> Leaves(Type type, string prefix) =>
        OptionFaults.Settable(type)
            .OrderBy(OptionFaults.IsSection)
            .SelectMany(p => OptionFaults.IsSection(p) ? Leaves(p.PropertyType, prefix + p.Name + ":") : [new Setting(prefix + p.Name, p)]);
}
