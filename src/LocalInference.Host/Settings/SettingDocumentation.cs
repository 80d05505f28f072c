using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LocalInference.Host.Settings;

/// <summary>
/// What <c>--help</c> says of a setting: the option's own XML documentation, which the build lays beside each assembly, so that
/// code and help cannot disagree. Without the files (somebody stripped them) the help shows names only.
/// </summary>
internal static partial class SettingDocumentation
{
    private static readonly Dictionary<string, string> Texts = Load();

    /// <summary>Summary and value of a setting in one paragraph; empty when undocumented.</summary>
    public static string Of(Setting setting) =>
        Texts.GetValueOrDefault($"P:{setting.Property.DeclaringType!.FullName}.{setting.Property.Name}", "");

    private static Dictionary<string, string> Load()
    {
        Dictionary<string, string> texts = [];
        foreach (var assembly in Setting.All.Select(s => s.Property.DeclaringType!.Assembly).Distinct())
        {
            string path = Path.ChangeExtension(assembly.Location, ".xml");
            if (!File.Exists(path)) continue;
            foreach (XElement member in XDocument.Load(path).Descendants("member"))
                texts[(string)member.Attribute("name")!] = Plain(member);
        }
        return texts;
    }

    private static string Plain(XElement member) =>
        Spaces().Replace(string.Join(" ", member.Elements().Where(e => e.Name.LocalName is "summary" or "value").Select(Text)), " ").Trim();

    private static string Text(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => LastName((string?)see.Attribute("cref") ?? (string?)see.Attribute("langword") ?? ""),
        XElement inner => Text(inner),
        _ => "",
    }));

    private static string LastName(string reference) => reference[(reference.LastIndexOf('.') + 1)..];

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
