namespace LocalInference.Onnx.Models;

/// <summary>Folders with weights that are no ONNX graph: what they are, and the way from there to a model that is served.</summary>
internal static class WeightFormats
{
    public const string Gguf = "GGUF";

    private static readonly (string Pattern, string Format)[] Patterns =
        [("*.gguf", Gguf), ("*.safetensors", "safetensors"), ("pytorch_model*.bin", "PyTorch")];

    /// <summary>The refusal of a folder without a graph.</summary>
    public static ModelFolderException RefuseFolder(string folder)
    {
        foreach ((string pattern, string format) in Patterns)
            if (Directory.EnumerateFiles(folder, pattern).Any())
                return Refuse(folder, format);
        return new ModelFolderException(
            folder,
            $"the folder holds no {GenAiConfig.FileName} and no ONNX graph (*.onnx, onnx/*.onnx)",
            "Name a folder that onnxruntime-genai's model builder wrote, or make one from a checkpoint: ./scripts/quantize CHECKPOINT OUT");
    }

    /// <summary>The refusal of weights of a known format.</summary>
    public static ModelFolderException Refuse(string path, string format) => new(
        path,
        $"these are {format} weights; ONNX graphs are served",
        format == "safetensors"
            ? $"Make a served folder of it: ./scripts/quantize '{path}' OUT"
            : "Download the model's own checkpoint (safetensors) and make a served folder of it: ./scripts/quantize CHECKPOINT OUT");
}
