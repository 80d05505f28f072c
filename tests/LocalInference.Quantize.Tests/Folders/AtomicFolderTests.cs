using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Folders;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    private string Target => _parent.In("model");

    [Fact]
    public void Dispose_BeforeComplete_LeavesNothing()
    {
        using (var folder = new AtomicFolder(Target, replaces: false, new LocalDisk()))
            File.WriteAllText(Path.Combine(folder.Content.Path, "half"), "");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_parent.Path));
    }

    [Fact]
    public void Complete_NewFolder_AppearsWhole()
    {
        Make("new", replaces: false);
        Assert.Equal([Target], Directory.EnumerateFileSystemEntries(_parent.Path));
        Assert.True(File.Exists(Path.Combine(Target, "new")));
    }

    [Fact]
    public void Make_ExistingFolder_IsRefusedWithoutForceAndReplacedWithIt()
    {
        Make("genai_config.json", replaces: false);
        Assert.Contains("--force", Assert.Throws<QuantizeException>(() => new AtomicFolder(Target, replaces: false, new LocalDisk())).Message, StringComparison.Ordinal);
        Make("new", replaces: true);
        Assert.Equal(["new"], Directory.EnumerateFiles(Target).Select(f => Path.GetFileName(f)!));
        Assert.Single(Directory.EnumerateFileSystemEntries(_parent.Path));
    }

    [Fact]
    public void Make_FolderOfOtherThings_IsNeverReplaced()
    {
        Make("thesis.txt", replaces: false);
        Assert.Contains("holds no model", Assert.Throws<QuantizeException>(() => new AtomicFolder(Target, replaces: true, new LocalDisk())).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Target, "thesis.txt")));
    }

    public void Dispose() => _parent.Dispose();

    private void Make(string file, bool replaces)
    {
        using var folder = new AtomicFolder(Target, replaces, new LocalDisk());
        File.WriteAllText(Path.Combine(folder.Content.Path, file), "");
        folder.Complete();
    }
}
