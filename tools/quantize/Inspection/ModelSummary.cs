using System.Globalization;
using System.Text;
using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Models;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Inspection;

/// <summary>What a folder holds, in a page.</summary>
/// <param name="Title">Kind and architecture.</param>
/// <param name="Shape">Layers, widths, heads.</param>
/// <param name="ContextTokens">Positions.</param>
/// <param name="Attention">What the cache's size follows from.</param>
/// <param name="Groups">Tensors of a kind and type.</param>
internal sealed record ModelSummary(
    string Title, string Shape, int ContextTokens, AttentionLayers Attention, IReadOnlyList<TensorGroup> Groups)
{
    private const double Gib = 1 << 30;

    // What the runtime, the graph and a step's activations take beside weights and cache, roughly.
    private const double OverheadBytes = 0.5 * Gib;

    private static readonly int[] MemoryGib = [4, 8, 16, 24, 48, 80];

    public long WeightBytes => Groups.Sum(g => g.Bytes);

    /// <summary>Reads a model folder or a checkpoint.</summary>
    public static ModelSummary Read(string folder) =>
        GenAiConfigFile.IsIn(folder) ? ReadModel(folder) : ReadCheckpoint(folder);

    /// <summary>The page.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        text.AppendLine(Title).AppendLine(Shape).AppendLine();
        text.AppendLine("tensors                          type          count          size");
        foreach (TensorGroup group in Groups)
            text.AppendLine(Invariant($"{group.Kind,-32} {group.Type,-10} {group.Count,8} {Size(group.Bytes),13}"));
        text.AppendLine(Invariant($"{"all",-32} {"",-10} {Groups.Sum(g => g.Count),8} {Size(WeightBytes),13}")).AppendLine();
        long single = KvBytes(KvType.Float32), half = single / 2, integers = KvBytes(KvType.Int16);
        text.AppendLine(Invariant($"KV cache: {single} bytes per token in fp32, {half} in fp16 (GPUs), {integers} in int16 with scales")
            + Invariant($" (CPUs, for quantised weights); a full context of {ContextTokens} takes ")
            + Invariant($"{Size(integers * ContextTokens)} in int16"));
        foreach (int gib in MemoryGib)
        {
            double room = (gib * Gib) - WeightBytes - OverheadBytes;
            text.AppendLine(Invariant($"{gib,3} GiB: ") + (room <= 0
                ? "too little for the weights"
                : Invariant($"{room / single:N0} tokens of cache in fp32, {room / half:N0} in fp16, {room / integers:N0} in int16")
                    + " (all requests together)"));
        }
        return text.ToString();
    }

    private static ModelSummary ReadCheckpoint(string folder)
    {
        using ModelSource source = ModelSource.Open(folder);
        CheckpointConfig config = source.Config;
        IWeightSource weights = source.Weights;
        return new ModelSummary(
            $"{folder}: checkpoint, {config.Architecture}{(config.IsTied ? ", tied embeddings" : "")}",
            Describe(config.LayerCount, config.HiddenSize, config.HeadCount, config.KvHeadCount, config.HeadSize, config.VocabularySize,
                config.ContextTokens),
            config.ContextTokens,
            new AttentionLayers(new AttentionShape(config.HeadCount, config.KvHeadCount, config.HeadSize), config.LayerCount),
            TensorGroup.Of(weights.Names.Select(n =>
                (n, weights.TypeOf(n).SafetensorsName(), weights.ElementCount(n) * weights.TypeOf(n).Size()))));
    }

    private static ModelSummary ReadModel(string folder)
    {
        ModelFolder found = ModelFolder.Read(folder);
        ModelConfig config = found.Config;
        GraphProto graph = ReadGraph(found.GraphPath);
        Dictionary<string, string> quantized = QuantizedTypes(graph);
        int activations = graph.Output.First(o => o.Name == OnnxNames.Logits).Type.TensorType.ElemType;
        return new ModelSummary(
            $"{folder}: model folder, type {config.Type}, activations {OnnxTypes.NameOf(activations)}",
            Describe(config.LayerCount, config.HiddenSize, config.HeadCount, config.KvHeadCount, config.HeadSize, config.VocabularySize,
                config.ContextTokens),
            config.ContextTokens,
            new AttentionLayers(new AttentionShape(config.HeadCount, config.KvHeadCount, config.HeadSize), config.LayerCount),
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

    private long KvBytes(KvType type) => KvPool.LayoutOf(Attention.Shape, Attention.Count, blockTokens: 1, type).BytesPerToken;

    private static string Describe(int layers, int hidden, int heads, int kvHeads, int headSize, int vocabulary, int context) =>
        $"{layers} layers, hidden {hidden}, {heads} query heads over {kvHeads} key and value heads of {headSize}, "
        + $"vocabulary {vocabulary}, context {context}";

    private static string Size(long bytes) => bytes switch
    {
        >= 1 << 30 => Invariant($"{bytes / Gib:0.00} GiB"),
        >= 1 << 20 => Invariant($"{bytes / (double)(1 << 20):0.00} MiB"),
        _ => Invariant($"{bytes / 1024.0:0.0} KiB"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
