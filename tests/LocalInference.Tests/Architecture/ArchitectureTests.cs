using System.Text.RegularExpressions;
using LocalInference.Testing;

namespace LocalInference.Tests.Architecture;

/// <summary>The layers that src/README.md draws, held by reading the sources and the compiled code.</summary>
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

    public static TheoryData<string> Projects => [.. Allowed.Keys];

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
            if (declared.Success)
                Assert.True(expected == declared.Groups[1].Value, $"{file}: namespace {declared.Groups[1].Value}, folder {expected}");
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfOneProject_HaveNoCircles(string project)
    {
        FolderGraph graph = new(project);
        Assert.True(graph.TypeCount > 10, $"{project}: only {graph.TypeCount} types were read.");
        Assert.Empty(graph.Circles());
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

    private static IEnumerable<string> SourceFiles() => Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories);

    [GeneratedRegex(@"ProjectReference Include=""\.\./([\w.]+)/")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"`(Host|Core|Text|Onnx|Engine|Routing|Api|LocalInference)/([\w/.]+)`")]
    private static partial Regex ReadmePaths();
}
