namespace LocalInference.Onnx.Models;

/// <summary>
/// Reads <c>config.json</c> and <c>generation_config.json</c>, which exported folders of the Hugging Face Hub carry instead of
/// <c>genai_config.json</c>.
/// Where both say something, the latter wins, as it does for the model builder.
/// </summary>
internal static class HuggingFaceConfig
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "config.json";

    /// <summary>The file with sampling defaults and end tokens; may be missing.</summary>
    public const string GenerationFileName = "generation_config.json";

    /// <summary>Reads both files.</summary>
    /// <param name="folder">Holds <c>config.json</c>.</param>
    /// <param name="graphFile">The graph's name in the folder.</param>
    /// <exception cref="ModelFolderException">One is no JSON, or a value is missing or outside its range.</exception>
    public static ModelConfig Read(string folder, string graphFile)
    {
        ConfigReader config = ConfigFile.Read(Path.Combine(folder, FileName));
        string generationPath = Path.Combine(folder, GenerationFileName);
        ConfigReader? generation = File.Exists(generationPath) ? ConfigFile.Read(generationPath) : null;
        int heads = config.Int("num_attention_heads", 1), hiddenSize = config.Int("hidden_size", 1);
        int vocabulary = config.Int("vocab_size", 1);
        return new ModelConfig
        {
            Keys = ConfigKeys.HuggingFace,
            Type = config.Text("model_type"),
            GraphFile = graphFile,
            ContextTokens = config.Int("max_position_embeddings", 1),
            VocabularySize = vocabulary,
            HiddenSize = hiddenSize,
            HeadCount = heads,
            KvHeadCount = config.OptionalInt("num_key_value_heads", 1) ?? heads,
            HeadSize = config.OptionalInt("head_dim", 1) ?? Quotient(config, hiddenSize, heads),
            LayerCount = config.Int("num_hidden_layers", 1),
            BeginTokenId = generation?.OptionalInt("bos_token_id", 0) ?? config.OptionalInt("bos_token_id", 0),
            EndTokenIds = ReadEndTokens(config, generation, vocabulary),
            DefaultSampling = SearchDefaults.Read(generation),
            UnappliedDefaults = SearchDefaults.Unapplied(generation),
            // These files describe training and other libraries too: most of their keys mean nothing here.
            UnknownKeys = [],
        };
    }

    private static int Quotient(ConfigReader config, int hiddenSize, int heads) => hiddenSize % heads == 0
        ? hiddenSize / heads
        : throw config.Fault(
            "head_dim", "missing", $"a whole number, since hidden_size ({hiddenSize}) is no multiple of num_attention_heads ({heads})");

    private static IReadOnlyList<int> ReadEndTokens(ConfigReader config, ConfigReader? generation, int vocabulary)
    {
        IReadOnlyList<int>? ids = generation?.OptionalIds("eos_token_id");
        ConfigReader source = ids is null ? config : generation!;
        ids ??= config.OptionalIds("eos_token_id") ?? throw config.Fault(
            "eos_token_id", "missing", $"a token id or a list of them, here or in {GenerationFileName}");
        return ids.All(id => id < vocabulary)
            ? ids
            : throw source.Fault("eos_token_id", string.Join(", ", ids), $"ids below vocab_size, {vocabulary}");
    }
}
