using System.Text.RegularExpressions;
using LocalInference.Testing;

namespace LocalInference.Tests.Architecture;

/// <summary>The layers that src/README.md draws, held by reading the sources.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src");

    /// <summary>What each project may reference; the compiler forbids circles, this forbids upward and sideways references.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["LocalInference.Core"] = [],
        ["LocalInference.Text"] = ["LocalInference.Core"],
        ["LocalInference.Onnx"] = ["LocalInference.Core"],
        ["LocalInference.Engine"] = ["LocalInference.Core", "LocalInference.Text"],
        ["LocalInference.Routing"] = ["LocalInference.Core"],
        ["LocalInference.Api"] = ["LocalInference.Core"],
        ["LocalInference"] = ["LocalInference.Api", "LocalInference.Engine", "LocalInference.Onnx", "LocalInference.Routing"],
        ["LocalInference.Host"] = ["LocalInference"],
    };

    [Fact]
    public void Projects_ReferenceOnlyDownwards()
    {
        foreach (string project in Directory.GetDirectories(Source))
        {
            string name = Path.GetFileName(project);
            string[] references = [.. ProjectReference().Matches(File.ReadAllText(Path.Combine(project, name + ".csproj"))).Select(m => m.Groups[1].Value)];
            Assert.True(Allowed.ContainsKey(name), $"{name} has no line in this test's table.");
            Assert.Empty(references.Except(Allowed[name]));
        }
    }

    [Fact]
    public void Files_DeclareTheNamespaceOfTheirFolder()
    {
        foreach (string file in SourceFiles())
        {
            string expected = Path.GetRelativePath(Source, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
            Match declared = NamespaceLine().Match(File.ReadAllText(file));
            if (declared.Success) Assert.True(expected == declared.Groups[1].Value, $"{file}: namespace {declared.Groups[1].Value}, folder {expected}");
        }
    }

    [Fact]
    public void Folders_OfOneProject_HaveNoCircles()
    {
        foreach (string project in Directory.GetDirectories(Source))
        {
            string root = Path.GetFileName(project);
            ILookup<string, string> uses = SourceFiles(project)
                .SelectMany(file => Usings().Matches(File.ReadAllText(file)).Select(m => (From: Folder(file), To: m.Groups[1].Value)))
                .Where(edge => edge.To.StartsWith(root + ".", StringComparison.Ordinal) && edge.To != edge.From && !Within(edge.To, edge.From) && !Within(edge.From, edge.To))
                .Distinct().ToLookup(edge => edge.From, edge => edge.To);
            foreach (IGrouping<string, string> start in uses)
                Assert.True(!Reaches(uses, start.Key, start.Key, []), $"{start.Key} reaches itself through {string.Join(", ", uses[start.Key])}");
        }
    }

    [Fact]
    public void SourceReadme_NamesOnlyFoldersAndFilesThatExist()
    {
        string readme = File.ReadAllText(Path.Combine(Source, "README.md"));
        foreach (Match path in ReadmePaths().Matches(readme))
        {
            string project = path.Groups[1].Value is "Host" or "Core" or "Text" or "Onnx" or "Engine" or "Routing" or "Api" ? "LocalInference." + path.Groups[1].Value : path.Groups[1].Value;
            string full = Path.Combine(Source, project, path.Groups[2].Value);
            Assert.True(Directory.Exists(full) || File.Exists(full + ".cs") || File.Exists(full), path.Value);
        }
    }

    private static bool Reaches(ILookup<string, string> uses, string from, string target, HashSet<string> seen) =>
        uses[from].Any(to => to == target || (seen.Add(to) && Reaches(uses, to, target, seen)));

    /// <summary>A folder and the folders inside it are one unit here: the inner ones split it by noun.</summary>
    private static bool Within(string inner, string outer) => inner.StartsWith(outer + ".", StringComparison.Ordinal);

    private static IEnumerable<string> SourceFiles(string? folder = null) => Directory.EnumerateFiles(folder ?? Source, "*.cs", SearchOption.AllDirectories);

    private static string Folder(string file) => NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value;

    [GeneratedRegex(@"ProjectReference Include=""\.\./([\w.]+)/")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"`(Host|Core|Text|Onnx|Engine|Routing|Api|LocalInference)/([\w/.]+)`")]
    private static partial Regex ReadmePaths();
}
