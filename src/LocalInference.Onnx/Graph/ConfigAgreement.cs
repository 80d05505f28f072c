using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Graph;

/// <summary>Compares what the configuration says with what the graph is: folders are edited by hand, and a wrong count would end in wrong answers.</summary>
internal static class ConfigAgreement
{
    public static void Check(ModelFolder folder, ServedGraph graph)
    {
        GenAiConfig config = folder.Config;
        Compare(folder, "model.vocab_size", config.VocabularySize, graph.VocabularySize);
        Compare(folder, "model.decoder.hidden_size", config.HiddenSize, graph.HiddenSize);
        Compare(folder, "model.decoder.num_hidden_layers", config.LayerCount, graph.LayerCount);
        Compare(folder, "model.decoder.num_attention_heads", config.HeadCount, graph.Shape.HeadCount);
        Compare(folder, "model.decoder.num_key_value_heads", config.KvHeadCount, graph.Shape.KvHeadCount);
    }

    private static void Compare(ModelFolder folder, string key, int found, int actual)
    {
        if (found != actual)
            throw ModelFolderException.ForKey(
                folder.ConfigPath, key, $"{found}", $"{actual}, as in the graph '{folder.Config.GraphFile}'", "Correct the file, or export the model again");
    }
}
