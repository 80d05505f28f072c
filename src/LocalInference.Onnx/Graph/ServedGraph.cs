using Google.Protobuf;
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
/// <param name="RetypedWeights">Weights that the session must be given in another type than their file's.</param>
/// <param name="Profile">The device's form of it.</param>
internal sealed record ServedGraph(
    byte[] Model, string DataFolder, AttentionShape Shape, int LayerCount, int HiddenSize, int VocabularySize, int RelevelledProducts,
    IReadOnlyList<RetypedWeight> RetypedWeights, ServedGraphProfile Profile)
{
    /// <summary>What its matrix products cost.</summary>
    public required ModelCost Cost { get; init; }

    /// <summary>Weights that are packed when a runner is made; the graph's nodes name them by their place here.</summary>
    public IReadOnlyList<WeightPlan> Weights { get; init; } = [];

    /// <summary>Reads a folder's graph and rewrites it for a device.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="profile">The device's form; null for the processor's.</param>
    /// <param name="pack">
    /// Puts this project's products, which run on the processor only, in place of ONNX Runtime's; null to keep those.
    /// </param>
    /// <exception cref="ModelFolderException">It is broken, unsupported, or contradicts the folder's configuration.</exception>
    public static ServedGraph Build(ModelFolder folder, ServedGraphProfile? profile = null, PackProducts? pack = null)
    {
        profile ??= ServedGraphProfile.Cpu;
        var graph = new DecoderGraph(folder.GraphPath, Parse(folder.GraphPath));
        // 1. A decoder from tokens to logits, in floating numbers that are all brought to the device's type.
        CheckInterface(graph);
        CheckNodes(graph);
        FloatCasts.Remove(graph);
        long vocabularySize = graph.WidthOf(OnnxNames.Logits)
            ?? throw graph.Refuse("the logits' width cannot be told from the graph", "Export the model again");
        // 2. The device's attention in place of the exporter's; what it does not need dies later.
        AttentionLayers layers = AttentionRewrite.Apply(graph, folder.Config, profile);
        // 3. Rows instead of batches, and only the wanted ones.
        PrunedHeadRewrite.Apply(graph);
        RankReduction.Apply(graph);
        long hiddenWidth = RowSelection.Apply(graph);
        if (profile.IsGpu)
            RowChoice.Apply(graph);
        // 4. The served form's inputs and outputs; then everything that only the old ones needed goes.
        ServedInterface.Apply(graph, profile, layers, hiddenWidth, vocabularySize);
        DeadNodes.Remove(graph);
        ModelCost cost = CostCounting.Of(graph);
        int relevelled = profile.AccuracyLevel is { } level ? AccuracyLevelRewrite.Apply(graph, level) : 0;
        OperatorWhitelist.Check(graph);
        string dataFolder = ExternalData.Resolve(graph, folder.Path, folder.Config.GraphFile);
        // 5. Matrix products over packed weights, and what stands between them.
        IReadOnlyList<WeightPlan> packed = pack?.Invoke(graph, dataFolder) ?? [];
        // 6. Weights of other types that are left are declared as the device's.
        IReadOnlyList<RetypedWeight> retyped = RetypeRewrite.Apply(graph, profile.ElementType, dataFolder);
        var served = new ServedGraph(
            graph.Model.ToByteArray(), dataFolder, layers.Shape, layers.Count, (int)hiddenWidth, (int)vocabularySize, relevelled, retyped,
            profile)
        {
            Cost = cost,
            Weights = packed,
        };
        ConfigAgreement.Check(folder, served);
        return served;
    }

    private static ModelProto Parse(string path)
    {
        try
        {
            ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
            return model.Graph is not null
                ? model
                : throw new ModelFolderException(path, "the file holds no graph", "Download or export it again");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelFolderException(
                path,
                $"the file is no ONNX model ({e.Message.TrimEnd('.')})",
                "Download or export it again (a Git LFS pointer is a small text file)",
                e);
        }
    }

    private static void CheckInterface(DecoderGraph graph)
    {
        ValueInfoProto logits = graph.Proto.Output.FirstOrDefault(o => o.Name == OnnxNames.Logits)
            ?? throw graph.Refuse(
                "the graph has no output 'logits'", "Export the model with onnxruntime-genai's model builder, its LM head included");
        if (graph.Proto.Input.All(i => i.Name != OnnxNames.InputIds))
            throw graph.Refuse(
                "the graph has no input 'input_ids'", "Export the model with onnxruntime-genai's model builder, its embedding included");
        int type = logits.Type?.TensorType?.ElemType ?? 0;
        if (!OnnxTypes.IsFloating(type))
            throw graph.Refuse(
                $"the logits are {OnnxTypes.NameOf(type)}; float32, float16 and bfloat16 run",
                "Export the model again (onnxruntime-genai's model builder, -e cpu -p int4)");
    }

    /// <summary>
    /// Rewrites follow tensors back to their makers, which a circle would never end; and this server's own nodes are trusted.
    /// </summary>
    private static void CheckNodes(DecoderGraph graph)
    {
        HashSet<string> later = [.. graph.Proto.Node.SelectMany(n => n.Output).Where(o => o.Length > 0)];
        foreach (NodeProto node in graph.Proto.Node)
        {
            if (node.Domain == OnnxNames.OwnDomain)
                throw graph.Refuse(node, $"the domain {OnnxNames.OwnDomain}, whose nodes are made at load");
            if (node.Input.FirstOrDefault(later.Contains) is { } early)
                throw graph.Refuse($"{node.Kind()} '{node.Name}' reads '{early}' before it is made", "Download or export it again");
            later.ExceptWith(node.Output);
        }
    }
}

/// <summary>Replaces a graph's quantised products by nodes over packed weights.</summary>
/// <param name="graph">Changed in place.</param>
/// <param name="dataFolder">Where its weights lie.</param>
/// <returns>The weights to pack, as the nodes number them.</returns>
internal delegate IReadOnlyList<WeightPlan> PackProducts(DecoderGraph graph, string dataFolder);
