using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Compares what the configuration says with what the graph is: folders are edited by hand, and a wrong count would end in wrong answers.
/// </summary>
internal static class ConfigAgreement
{
    public static void Check(ModelFolder folder, ServedGraph graph)
    {
        ModelConfig config = folder.Config;
        Compare(folder, config.Keys.VocabularySize, config.VocabularySize, graph.VocabularySize);
        Compare(folder, config.Keys.HiddenSize, config.HiddenSize, graph.HiddenSize);
        Compare(folder, config.Keys.LayerCount, config.LayerCount, graph.LayerCount);
        Compare(folder, config.Keys.HeadCount, config.HeadCount, graph.Shape.HeadCount);
        Compare(folder, config.Keys.KvHeadCount, config.KvHeadCount, graph.Shape.KvHeadCount);
    }

    private static void Compare(ModelFolder folder, string key, int found, int actual)
    {
        if (found != actual)
            throw ModelFolderException.ForKey(
                folder.ConfigPath, key, $"{found}", $"{actual}, as in the graph '{folder.Config.GraphFile}'",
                "Correct the file, or export the model again");
    }
}
