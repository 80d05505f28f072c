using System.IO.Compression;
using System.Text.Json;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>Reads a folder's tokenizer.json with somebody else's eyes: the BCL's whole document.</summary>
internal static class JsonFiles
{
    public static JsonDocument Read(string folder)
    {
        string plain = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(plain)) return JsonDocument.Parse(File.ReadAllBytes(plain));
        using var stream = new GZipStream(File.OpenRead(plain + ".gz"), CompressionMode.Decompress);
        return JsonDocument.Parse(stream);
    }
}
