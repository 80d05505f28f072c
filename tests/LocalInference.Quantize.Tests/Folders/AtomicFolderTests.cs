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
        Assert.Contains("--force", Assert.Throws<QuantizeException>(() =>
            new AtomicFolder(Target, replaces: false, new LocalDisk())).Message, StringComparison.Ordinal);
        Make("new", replaces: true);
        Assert.Equal(["new"], Directory.EnumerateFiles(Target).Select(f => Path.GetFileName(f)!));
        Assert.Single(Directory.EnumerateFileSystemEntries(_parent.Path));
    }

    [Fact]
    public void Complete_WhatCannotBePutInPlace_LeavesTheOldFolderThere()
    {
        Make("genai_config.json", replaces: false);
        using (var folder = new AtomicFolder(Target, replaces: true, new LocalDisk()))
        {
            Directory.Delete(folder.Content.Path);
            Assert.Throws<DirectoryNotFoundException>(folder.Complete);
        }
        Assert.Equal([Target], Directory.EnumerateFileSystemEntries(_parent.Path));
        Assert.True(File.Exists(Path.Combine(Target, "genai_config.json")));
    }

    [Fact]
    public void Make_FolderOfOtherThings_IsNeverReplaced()
    {
        Make("thesis.txt", replaces: false);
        Assert.Contains("holds no model", Assert.Throws<QuantizeException>(() =>
            new AtomicFolder(Target, replaces: true, new LocalDisk())).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Target, "thesis.txt")));
    }

    [Fact]
    public void Make_WhatADeadProcessLeft_IsRemovedAndTold()
    {
        Directory.CreateDirectory(_parent.In(".model.writing-123"));
        File.WriteAllText(Path.Combine(_parent.In(".model.writing-123"), "half"), "");
        File.WriteAllText(_parent.In(".model.writing"), "");
        using var folder = new AtomicFolder(Target, replaces: false, new LocalDisk());
        Assert.Equal([$"{_parent.In(".model.writing-123")}: removed, left behind by a run that was killed."], folder.Cleared);
        Assert.False(Directory.Exists(_parent.In(".model.writing-123")));
    }

    [Fact]
    public void Make_FoldersOfOtherNames_StayAsTheyAre()
    {
        string[] others = [".model.writing-notes", ".model.writing-", ".other.writing-123", "model.writing-123", ".model.writing-12.new"];
        foreach (string other in others)
            Directory.CreateDirectory(_parent.In(other));
        Make("new", replaces: false);
        Assert.All(others, other => Assert.True(Directory.Exists(_parent.In(other)), other));
    }

    [Fact]
    public void Make_ModelThatADeadProcessHadMovedAside_IsPutBack()
    {
        foreach (string left in (string[])[".model.writing-9", ".model.writing-9.old"])
        {
            Directory.CreateDirectory(_parent.In(left));
            File.WriteAllText(Path.Combine(_parent.In(left), "genai_config.json"), left);
        }
        // What is put back counts as there.
        Assert.Contains("exists already", Assert.Throws<QuantizeException>(() =>
            new AtomicFolder(Target, replaces: false, new LocalDisk())).Message, StringComparison.Ordinal);
        Assert.Equal(".model.writing-9.old", File.ReadAllText(Path.Combine(Target, "genai_config.json")));
        Assert.Equal([Target], Directory.EnumerateFileSystemEntries(_parent.Path));
    }

    [Fact]
    public void Make_TwiceAtOnce_RefusesTheSecond()
    {
        using var first = new AtomicFolder(Target, replaces: false, new LocalDisk());
        Assert.Contains("is being written by another process now",
            Assert.Throws<QuantizeException>(() => new AtomicFolder(Target, replaces: false, new LocalDisk())).Message,
            StringComparison.Ordinal);
        Assert.True(Directory.Exists(first.Content.Path));
    }

    [Fact]
    public void Make_WhereAFileIs_IsRefused()
    {
        File.WriteAllText(Target, "");
        Assert.Contains("is a file", Assert.Throws<QuantizeException>(() =>
            new AtomicFolder(Target, replaces: true, new LocalDisk())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_TargetThatAppearedMeanwhile_IsNotReplaced()
    {
        using (var folder = new AtomicFolder(Target, replaces: false, new LocalDisk()))
        {
            Directory.CreateDirectory(Target);
            Assert.Throws<QuantizeException>(folder.Complete);
        }
        Assert.Equal([Target], Directory.EnumerateFileSystemEntries(_parent.Path));
    }

    public void Dispose() => _parent.Dispose();

    private void Make(string file, bool replaces)
    {
        using var folder = new AtomicFolder(Target, replaces, new LocalDisk());
        File.WriteAllText(Path.Combine(folder.Content.Path, file), "");
        folder.Complete();
    }
}
