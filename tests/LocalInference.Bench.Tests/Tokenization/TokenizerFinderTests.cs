using LocalInference.Bench.Tokenization;
using LocalInference.Testing;

namespace LocalInference.Bench.Tests.Tokenization;

public sealed class TokenizerFinderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bench-");

    public TokenizerFinderTests()
    {
        foreach ((string name, string file) in ((string, string)[])[("b", "tokenizer.json.gz"), ("a", "tokenizer.json"), ("c", "readme")])
            File.WriteAllText(Path.Combine(_folder.CreateSubdirectory(name).FullName, file), "");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Find_AFolder_GivesTinyR1AndWhatHasATokenizer()
    {
        IReadOnlyList<(string Name, string File)> found = TokenizerFinder.Find(Repository.Root, _folder.FullName, names: null);
        Assert.Equal(["tiny-r1", "a", "b"], found.Select(one => one.Name));
        Assert.EndsWith("tokenizer.json.gz", found[2].File, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_ByName_GivesThose() =>
        Assert.Equal(["a"], TokenizerFinder.Find(Repository.Root, _folder.FullName, ["a"]).Select(one => one.Name));

    [Fact]
    public void Find_AnUnknownName_NamesWhatThereIs() =>
        Assert.Contains(
            "--only names 'x'; there are tiny-r1, a, b",
            Assert.Throws<BenchException>(() => TokenizerFinder.Find(Repository.Root, _folder.FullName, ["x"])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Find_NoSuchFolder_SaysSo() =>
        Assert.Contains(
            "--tokenizers is '/nowhere', which is no folder",
            Assert.Throws<BenchException>(() => TokenizerFinder.Find(Repository.Root, "/nowhere", names: null)).Message,
            StringComparison.Ordinal);
}
