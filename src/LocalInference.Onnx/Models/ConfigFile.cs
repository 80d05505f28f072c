using System.Text.Json;

namespace LocalInference.Onnx.Models;

/// <summary>Opens a JSON file whose top is an object.</summary>
internal static class ConfigFile
{
    /// <exception cref="ModelFolderException">It is no JSON, or its top is something else.</exception>
    public static ConfigReader Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigReader(path, "", document.RootElement.Clone())
                : throw new ModelFolderException(
                    path, "is not a JSON object", "Download it again, or export the model with onnxruntime-genai's model builder");
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(
                path, $"is no valid JSON ({e.Message.TrimEnd('.')})", "Correct the file, or download it again", e);
        }
    }
}
