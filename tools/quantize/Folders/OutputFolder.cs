using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalInference.Quantize.Folders;

/// <summary>A folder that files are written into, and nothing is overwritten in.</summary>
/// <param name="path">Exists.</param>
/// <param name="disk">What it lies on.</param>
internal sealed class OutputFolder(string path, IDisk disk)
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Path => path;

    /// <summary>Makes a file whose parts are then written in any order.</summary>
    public OutputFile Create(string name, long length) => new(System.IO.Path.Combine(path, name), length, disk);

    /// <summary>Writes a whole file.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        using OutputFile file = Create(name, bytes.Length);
        file.Write("the file", 0, bytes);
    }

    /// <summary>Writes a text as UTF-8.</summary>
    public void Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes JSON as people read it.</summary>
    public void Write(string name, JsonNode json) => Write(name, json.ToJsonString(Readable));
}
