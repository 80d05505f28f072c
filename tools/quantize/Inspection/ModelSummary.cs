using System.Globalization;
using System.Text;
using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Inspection;

/// <summary>What a folder holds, in a page.</summary>
/// <param name="Title">Kind and architecture.</param>
/// <param name="Shape">Layers, widths, heads.</param>
/// <param name="ContextTokens">Positions.</param>
/// <param name="KvElementsPerToken">Keys and values of one token over all layers.</param>
/// <param name="Groups">Tensors of a kind and type.</param>
internal sealed record ModelSummary(string Title, string Shape, int ContextTokens, long KvElementsPerToken,
    IReadOnlyList<TensorGroup> Groups)
{
    private const double Gib = 1 << 30;

    // What the runtime, the graph and a step's activations take beside weights and cache, roughly.
    private const double OverheadBytes = 0.5 * Gib;

    private static readonly int[] MemoryGib = [4, 8, 16, 24, 48, 80];

    public long WeightBytes => Groups.Sum(g => g.Bytes);

    /// <summary>Reads a model folder or a checkpoint.</summary>
    public static ModelSummary Read(string folder) =>
        File.Exists(Path.Combine(folder, GenAiConfigFile.FileName)) ? ReadModel(folder) : ReadCheckpoint(folder);

    /// <summary>The page.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        text.AppendLine(Title).AppendLine(Shape).AppendLine();
        text.AppendLine("tensors                          type          count          size");
        foreach (TensorGroup group in Groups)
            text.AppendLine(Invariant($"{group.Kind,-32} {group.Type,-10} {group.Count,8} {Size(group.Bytes),13}"));
        text.AppendLine(Invariant($"{"all",-32} {"",-10} {Groups.Sum(g => g.Count),8} {Size(WeightBytes),13}")).AppendLine();
        text.AppendLine(
            Invariant(
            $"KV cache: {KvElementsPerToken * 4} bytes per token in fp32, {KvElementsPerToken * 2} in fp16; a full context of {ContextTokens} takes {Size(KvElementsPerToken * 2 * ContextTokens)} in fp16"));
        foreach (int gib in MemoryGib)
        {
            double room = (gib * Gib) - WeightBytes - OverheadBytes;
            text.AppendLine(room <= 0
                ? Invariant($"{gib,3} GiB: too little for the weights")
                : Invariant($"{gib,3} GiB: {room / (KvElementsPerToken * 4):N0} tokens of cache in fp32, {room / (KvElementsPerToken * 2):N0} in fp16 (all requests together)"));
        }
        return text.ToString();
    }

    private static ModelSummary ReadCheckpoint(string folder)
    {
        using ModelSource source = ModelSource.Open(folder);
        CheckpointConfig config = source.Config;
        var checkpoint = (Checkpoint)source.Weights;
        return new ModelSummary(
            $"{folder}: checkpoint, {config.Architecture}{(config.IsTied ? ", tied embeddings" : "")}",
            Describe(config.LayerCount, config.HiddenSize, config.HeadCount, config.KvHeadCount, config.HeadSize, config.VocabularySize,
                config.ContextTokens),
            config.ContextTokens,
            2L * config.LayerCount * config.KvHeadCount * config.HeadSize,
            TensorGroup.Of(checkpoint.Names.Select(n => (n, checkpoint.TypeOf(n).SafetensorsName(),
                checkpoint.ShapeOf(n)!.Aggregate(1L, (p, d) => p * d) * checkpoint.TypeOf(n).Size()))));
    }

    private static ModelSummary ReadModel(string folder)
    {
        ModelFolder found = ModelFolder.Read(folder);
        ModelConfig config = found.Config;
        GraphProto graph = ReadGraph(found.GraphPath);
        Dictionary<string, string> quantized = QuantizedTypes(graph);
        return new ModelSummary(
            $"{folder}: model folder, type {config.Type}, activations {OnnxTypes.NameOf(graph.Output.First(o => o.Name == OnnxNames.Logits).Type.TensorType.ElemType)}",
            Describe(config.LayerCount, config.HiddenSize, config.HeadCount, config.KvHeadCount, config.HeadSize, config.VocabularySize,
                config.ContextTokens),
            config.ContextTokens,
            2L * config.LayerCount * config.KvHeadCount * config.HeadSize,
            TensorGroup.Of(graph.Initializer.Select(t => (t.Name,
                quantized.TryGetValue(t.Name, out string? type) ? type : OnnxTypes.NameOf(t.DataType), BytesOf(t)))));
    }

    private static GraphProto ReadGraph(string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw QuantizeException.At(path, $"is no ONNX graph ({e.Message.TrimEnd('.')})", "Make the folder again", e);
        }
    }

    /// <summary>What the bytes of a tensor are, by the operators that read it; a look-up reads its table through a Reshape.</summary>
    private static Dictionary<string, string> QuantizedTypes(GraphProto graph)
    {
        Dictionary<string, string> types = [], reshaped = [];
        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "Reshape"))
            reshaped[node.Output[0]] = node.Input[0];
        foreach (NodeProto node in graph.Node.Where(n => n.OpType is "MatMulNBits" or "GatherBlockQuantized"))
        {
            string codes = node.Input[node.OpType == "MatMulNBits" ? 1 : 0];
            types[reshaped.GetValueOrDefault(codes, codes)] = $"int{node.Int("bits", 4)} x{node.Int("block_size", 32)}";
        }
        return types;
    }

    private static long BytesOf(TensorProto tensor) => tensor.ExternalData.FirstOrDefault(e => e.Key == "length") is { } length
        ? long.Parse(length.Value, CultureInfo.InvariantCulture)
        : tensor.RawData.Length;

    private static string Describe(int layers, int hidden, int heads, int kvHeads, int headSize, int vocabulary, int context) =>
        $"{layers} layers, hidden {hidden}, {heads} query heads over {kvHeads} key and value heads of {headSize}, vocabulary {vocabulary}, context {context}";

    private static string Size(long bytes) => bytes switch
    {
        >= 1 << 30 => Invariant($"{bytes / Gib:0.00} GiB"),
        >= 1 << 20 => Invariant($"{bytes / (double)(1 << 20):0.00} MiB"),
        _ => Invariant($"{bytes / 1024.0:0.0} KiB"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Tensors of one kind and type.</summary>
/// <param name="Kind">The name without its layer.</param>
/// <param name="Type">Of the elements.</param>
/// <param name="Count">Tensors.</param>
/// <param name="Bytes">In all.</param>
internal sealed record TensorGroup(string Kind, string Type, int Count, long Bytes)
{
    /// <summary>Groups tensors, the largest group first.</summary>
    public static IReadOnlyList<TensorGroup> Of(IEnumerable<(string Name, string Type, long Bytes)> tensors) =>
    [
        .. tensors.GroupBy(t => (Kind: KindOf(t.Name), t.Type)).Select(g =>
            new TensorGroup(g.Key.Kind, g.Key.Type, g.Count(), g.Sum(t => t.Bytes))).OrderByDescending(g => g.Bytes),
    ];

    private static string KindOf(string name) => name switch
    {
        _ when name.Contains("scale", StringComparison.Ordinal) => "scales",
        _ when name.Contains("zero_point", StringComparison.Ordinal) || name.EndsWith("_zp", StringComparison.Ordinal) => "zero points",
        _ when name.Contains("norm", StringComparison.Ordinal) => "norms",
        _ when name.Contains("bias", StringComparison.Ordinal) => "biases",
        _ when name.Contains("embed_tokens", StringComparison.Ordinal) => "embedding",
        _ when name.StartsWith("lm_head", StringComparison.Ordinal) => "LM head",
        _ when name.Contains("attn", StringComparison.Ordinal) => "attention",
        _ when name.Contains("mlp", StringComparison.Ordinal) => "MLP",
        _ => "other (rotary tables)",
    };
}
