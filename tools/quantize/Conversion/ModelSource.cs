using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Graph.Architectures;

namespace LocalInference.Quantize.Conversion;

/// <summary>A model to be converted: a checkpoint folder, its weights on disk or made up.</summary>
/// <param name="Folder">Holds config.json and the tokenizer.</param>
/// <param name="ConfigFile">config.json.</param>
/// <param name="Config">What it says.</param>
/// <param name="Generation">generation_config.json; null where there is none.</param>
/// <param name="Tokenizer">The tokenizer's files.</param>
/// <param name="Weights">The weights.</param>
internal sealed record ModelSource(
    string Folder, JsonFile ConfigFile, CheckpointConfig Config, JsonFile? Generation, TokenizerFiles Tokenizer, IWeightSource Weights)
        : IDisposable
{
    /// <summary>Opens a checkpoint folder.</summary>
    public static ModelSource Open(string folder) => Open(folder, _ => Checkpoint.Open(folder));

    /// <summary>Opens a folder whose weights come from elsewhere.</summary>
    public static ModelSource Open(string folder, Func<CheckpointConfig, IWeightSource> weights)
    {
        string path = Path.Combine(folder, CheckpointConfig.FileName), generation = Path.Combine(folder, "generation_config.json");
        if (!Directory.Exists(folder))
            throw QuantizeException.At(folder, "the checkpoint folder does not exist",
                "Name a folder that holds config.json, safetensors and tokenizer.json");
        if (!File.Exists(path))
            throw QuantizeException.At(folder, "the folder holds no config.json", "Name a Hugging Face checkpoint folder");
        JsonFile file = JsonFile.Read(path);
        CheckpointConfig config = CheckpointConfig.Read(file, Architecture.KnownNames);
        return new ModelSource(folder, file, config, File.Exists(generation) ? JsonFile.Read(generation) : null, new TokenizerFiles(folder),
            weights(config));
    }

    public void Dispose() => (Weights as IDisposable)?.Dispose();
}
