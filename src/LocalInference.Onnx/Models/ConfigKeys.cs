namespace LocalInference.Onnx.Models;

/// <summary>
/// What a configuration file calls the values that are compared with the graph: messages name the key that a user must correct.
/// </summary>
internal sealed record ConfigKeys(
    string FileName, string ContextTokens, string VocabularySize, string HiddenSize, string HeadCount, string KvHeadCount, string HeadSize,
    string LayerCount)
{
    public static readonly ConfigKeys GenAi = new(
        FileName: GenAiConfig.FileName,
        ContextTokens: "model.context_length",
        VocabularySize: "model.vocab_size",
        HiddenSize: "model.decoder.hidden_size",
        HeadCount: "model.decoder.num_attention_heads",
        KvHeadCount: "model.decoder.num_key_value_heads",
        HeadSize: "model.decoder.head_size",
        LayerCount: "model.decoder.num_hidden_layers");

    public static readonly ConfigKeys HuggingFace = new(
        FileName: HuggingFaceConfig.FileName,
        ContextTokens: "max_position_embeddings",
        VocabularySize: "vocab_size",
        HiddenSize: "hidden_size",
        HeadCount: "num_attention_heads",
        KvHeadCount: "num_key_value_heads",
        HeadSize: "head_dim",
        LayerCount: "num_hidden_layers");
}
