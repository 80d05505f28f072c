using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("localinference-quantize-").FullName;

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder inside to write into.</summary>
    public OutputFolder Output(string name) => new(Directory.CreateDirectory(In(name)).FullName, new LocalDisk());

    /// <summary>A copy of a folder inside, writable.</summary>
    public string Copy(string folder)
    {
        string copy = Directory.CreateDirectory(In(System.IO.Path.GetFileName(folder))).FullName;
        foreach (string file in Directory.EnumerateFiles(folder))
            File.WriteAllBytes(System.IO.Path.Combine(copy, System.IO.Path.GetFileName(file)), File.ReadAllBytes(file));
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
