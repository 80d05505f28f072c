namespace LocalInference.Onnx.Tests.Testing;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("localinference-").FullName;

    public string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Copies the files of a model folder.</summary>
    public TemporaryFolder CopyOf(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string copy = System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file));
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
