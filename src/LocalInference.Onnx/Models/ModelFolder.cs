namespace LocalInference.Onnx.Models;

/// <summary>A folder with an exported decoder, found and read; the graph itself is not opened.</summary>
/// <param name="Path">The folder: as it was named, or the snapshot that a named cache holds.</param>
/// <param name="ConfigPath">Its configuration: <c>genai_config.json</c> or <c>config.json</c>.</param>
/// <param name="GraphPath">The decoder graph, links followed.</param>
/// <param name="Config">What the configuration says.</param>
internal sealed record ModelFolder(string Path, string ConfigPath, string GraphPath, ModelConfig Config)
{
    /// <summary>The name clients ask for.</summary>
    public string Id =>
        HubCache.NameOf(Path) ?? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Reads a folder.</summary>
    /// <param name="path">The model builder's folder, a downloaded repository, or a repository of the Hugging Face cache.</param>
    /// <param name="file">The graph among several, as a path inside the folder; null to take the only one or the configuration's.</param>
    /// <exception cref="ModelFolderException">It is missing or no model folder that can be served.</exception>
    public static ModelFolder Read(string path, string? file = null)
    {
        if (!Directory.Exists(path))
            throw Missing(path);
        path = HubCache.SnapshotOf(path) ?? path;
        (string configPath, ModelConfig config) = ReadConfig(path, file);
        string namedBy = file is not null ? "the option 'File'"
            : config.Keys == ConfigKeys.GenAi ? "model.decoder.filename" : "the search for graphs";
        return new ModelFolder(path, configPath, ModelPaths.Resolve(path, config.GraphFile, configPath, namedBy), config);
    }

    private static (string Path, ModelConfig Config) ReadConfig(string path, string? file)
    {
        string genAi = System.IO.Path.Combine(path, GenAiConfig.FileName);
        string huggingFace = System.IO.Path.Combine(path, HuggingFaceConfig.FileName);
        if (File.Exists(genAi))
        {
            ModelConfig config = GenAiConfig.Read(genAi);
            return (genAi, file is null ? config : config with { GraphFile = file });
        }
        string graph = file ?? GraphFiles.Only(path);
        return File.Exists(huggingFace)
            ? (huggingFace, HuggingFaceConfig.Read(path, graph))
            : throw new ModelFolderException(
                path,
                $"the folder holds the graph '{graph}', but neither {GenAiConfig.FileName} nor {HuggingFaceConfig.FileName}, "
                + "which say what model it is",
                $"Download the model's {HuggingFaceConfig.FileName} (and {HuggingFaceConfig.GenerationFileName}) into the folder");
    }

    private static ModelFolderException Missing(string path)
    {
        if (!File.Exists(path))
            return new ModelFolderException(
                path, "the model folder does not exist", "Name a folder that holds an ONNX graph and genai_config.json or config.json");
        return System.IO.Path.GetExtension(path) == ".gguf"
            ? WeightFormats.Refuse(path, WeightFormats.Gguf)
            : new ModelFolderException(
                path, "this is a file, not a model folder", "Name the folder that holds it, with its configuration and tokenizer");
    }
}
