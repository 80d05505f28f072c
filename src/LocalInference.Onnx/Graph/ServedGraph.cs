using Google.Protobuf;
using LocalInference.Onnx.Graph.Fusion;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Graph;

/// <summary>A model's graph in the one form that is run, whatever exporter wrote it.</summary>
/// <param name="Model">The rewritten model, its weights still on disk.</param>
/// <param name="DataFolder">The weights' real folder.</param>
/// <param name="Shape">Heads of every layer.</param>
/// <param name="LayerCount">Attention layers.</param>
/// <param name="HiddenSize">Width of a hidden state.</param>
/// <param name="VocabularySize">The logits' width.</param>
/// <param name="RelevelledProducts">Matrix products whose accuracy level was changed.</param>
internal sealed record ServedGraph(
    byte[] Model, string DataFolder, AttentionShape Shape, int LayerCount, int HiddenSize, int VocabularySize, int RelevelledProducts)
{
    /// <summary>Weights that are packed when a runner is made; the graph's nodes name them by their place here.</summary>
    public IReadOnlyList<WeightPlan> Weights { get; init; } = [];

    /// <summary>Reads and rewrites the graph of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="kernels">Whose matrix products run; ONNX Runtime's stay as the file has them.</param>
    /// <exception cref="ModelFolderException">It is broken, unsupported, or contradicts the folder's configuration.</exception>
    public static ServedGraph Build(ModelFolder folder, MatrixKernels kernels = MatrixKernels.OnnxRuntime)
    {
        var graph = new DecoderGraph(folder.GraphPath, Parse(folder.GraphPath));
        // 1. Only what the CPU computes in: float32 in and out.
        CheckElementTypes(graph);
        long vocabularySize = graph.WidthOf(OnnxNames.Logits) ?? throw graph.Refuse("the logits' width cannot be told from the graph", "Export the model again");
        // 2. Our attention in place of the exporter's; what it does not need dies later.
        AttentionLayers layers = AttentionRewrite.Apply(graph, folder.Config.HeadSize, folder.Config.ContextTokens);
        // 3. Rows instead of batches, and only the wanted ones.
        PrunedHeadRewrite.Apply(graph);
        RankReduction.Apply(graph);
        long hiddenWidth = RowSelection.Apply(graph);
        // 4. The served form's inputs and outputs; then everything that only the old ones needed goes.
        ServedInterface.Apply(graph, layers.Shape, hiddenWidth, vocabularySize);
        DeadNodes.Remove(graph);
        int relevelled = AccuracyLevelRewrite.Apply(graph);
        OperatorWhitelist.Check(graph);
        string dataFolder = ExternalData.Resolve(graph, folder.Path);
        // 5. Matrix products over packed weights, and what stands between them.
        IReadOnlyList<WeightPlan> weights = kernels == MatrixKernels.Own ? PackedGraph.Apply(graph, dataFolder) : [];
        var served = new ServedGraph(graph.Model.ToByteArray(), dataFolder, layers.Shape, layers.Count, (int)hiddenWidth, (int)vocabularySize, relevelled)
        {
            Weights = weights,
        };
        ConfigAgreement.Check(folder, served);
        return served;
    }

    private static ModelProto Parse(string path)
    {
        try
        {
            ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
            return model.Graph is not null ? model : throw new ModelFolderException(path, "the file holds no graph", "Download or export it again");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelFolderException(
                path, $"the file is no ONNX model ({e.Message.TrimEnd('.')})", "Download or export it again (a Git LFS pointer is a small text file)", e);
        }
    }

    private static void CheckElementTypes(DecoderGraph graph)
    {
        ValueInfoProto logits = graph.Proto.Output.FirstOrDefault(o => o.Name == OnnxNames.Logits)
            ?? throw graph.Refuse("the graph has no output 'logits'", "Export the model with onnxruntime-genai's model builder, its LM head included");
        if (graph.Proto.Input.All(i => i.Name != OnnxNames.InputIds))
            throw graph.Refuse("the graph has no input 'input_ids'", "Export the model with onnxruntime-genai's model builder, its embedding included");
        int type = logits.Type?.TensorType?.ElemType ?? 0;
        if (type != OnnxTypes.Float)
            throw graph.Refuse(
                $"the logits are {OnnxTypes.NameOf(type)}; on the CPU only float32 graphs run",
                "Export the model for the CPU (onnxruntime-genai's model builder, -e cpu -p int4)");
    }
}
