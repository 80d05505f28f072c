namespace LocalInference.Onnx.Models;

/// <summary>Reads <c>genai_config.json</c>, which onnxruntime-genai's model builder writes beside its graphs.</summary>
internal static class GenAiConfig
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "genai_config.json";

    /// <summary>Reads the file.</summary>
    /// <exception cref="ModelFolderException">It is no JSON, or a value is missing or outside its range.</exception>
    public static ModelConfig Read(string path)
    {
        ConfigReader root = ConfigFile.Read(path);
        ConfigReader model = root.Object("model");
        ConfigReader decoder = model.Object("decoder");
        if (decoder.Has("pipeline"))
            throw decoder.Fault("pipeline", "a list of graphs", "one decoder graph in model.decoder.filename");
        ConfigReader? search = root.OptionalObject("search");
        int headCount = decoder.Int("num_attention_heads", 1);
        return new ModelConfig
        {
            Keys = ConfigKeys.GenAi,
            Type = model.Text("type"),
            GraphFile = decoder.Text("filename"),
            ContextTokens = model.Int("context_length", 1),
            VocabularySize = model.Int("vocab_size", 1),
            HiddenSize = decoder.Int("hidden_size", 1),
            HeadCount = headCount,
            KvHeadCount = decoder.OptionalInt("num_key_value_heads", 1) ?? headCount,
            HeadSize = decoder.Int("head_size", 1),
            LayerCount = decoder.Int("num_hidden_layers", 1),
            BeginTokenId = model.OptionalInt("bos_token_id", 0),
            EndTokenIds = ReadEndTokens(model),
            DefaultSampling = SearchDefaults.Read(search),
            UnappliedDefaults = SearchDefaults.Unapplied(search),
            UnknownKeys = [.. GenAiKeys.Unknown(root, model, decoder, search)],
        };
    }

    private static IReadOnlyList<int> ReadEndTokens(ConfigReader model)
    {
        // As onnxruntime-genai does: without an end token the padding token ends an answer.
        IReadOnlyList<int>? ids = model.OptionalIds("eos_token_id") ?? model.OptionalIds("pad_token_id");
        int vocabulary = model.Int("vocab_size", 1);
        if (ids is null)
            throw model.Fault("eos_token_id", "missing", "a token id or a list of them");
        if (ids.Any(id => id >= vocabulary))
            throw model.Fault("eos_token_id", string.Join(", ", ids), $"ids below model.vocab_size, {vocabulary}");
        return ids;
    }
}
