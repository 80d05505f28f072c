namespace LocalInference.Onnx.Models;

/// <summary>A folder as onnxruntime-genai's model builder writes it, found and read; the graph itself is not opened.</summary>
/// <param name="Path">The folder as it was named.</param>
/// <param name="ConfigPath">Its <c>genai_config.json</c>.</param>
/// <param name="GraphPath">The decoder graph, links followed.</param>
/// <param name="Config">What the configuration says.</param>
internal sealed record ModelFolder(string Path, string ConfigPath, string GraphPath, GenAiConfig Config)
{
    /// <summary>The name clients ask for.</summary>
    public string Id => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Reads a folder.</summary>
    /// <exception cref="ModelFolderException">It is missing or no model folder that can be served.</exception>
    public static ModelFolder Read(string path)
    {
        if (!Directory.Exists(path))
            throw new ModelFolderException(path, "the model folder does not exist", "Name a folder that holds genai_config.json and its ONNX graph");
        string configPath = System.IO.Path.Combine(path, GenAiConfig.FileName);
        if (!File.Exists(configPath))
            throw WithoutConfig(path);
        GenAiConfig config = GenAiConfig.Read(configPath);
        string graphPath = ModelPaths.Resolve(path, config.GraphFile, configPath, "model.decoder.filename");
        return new ModelFolder(path, configPath, graphPath, config);
    }

    private static ModelFolderException WithoutConfig(string path)
    {
        const string Advice = "Export the weights with onnxruntime-genai's model builder (for the CPU: -e cpu -p int4) and name the folder it writes";
        foreach ((string pattern, string format) in new[] { ("*.gguf", "GGUF"), ("*.safetensors", "safetensors"), ("pytorch_model*.bin", "PyTorch") })
            if (Directory.EnumerateFiles(path, pattern).Any())
                return new ModelFolderException(path, $"the folder holds {format} weights; weights must be exported to ONNX first", Advice);
        return Directory.EnumerateFiles(path, "*.onnx").Any()
            ? new ModelFolderException(path, $"the folder holds an ONNX graph but no {GenAiConfig.FileName}", Advice)
            : new ModelFolderException(path, $"the folder holds no {GenAiConfig.FileName}", Advice);
    }
}
