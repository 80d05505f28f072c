using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>One layer's attention, freed of the operator that an exporter wrote it with. Absent tensors are empty names.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Layer">Counted from 0.</param>
/// <param name="Shape">Its heads.</param>
/// <param name="Query">Queries, or queries, keys and values packed where <paramref name="Key"/> is empty.</param>
/// <param name="Key">Keys.</param>
/// <param name="Value">Values.</param>
/// <param name="Cos">Rotary cosines; empty without rotary positions.</param>
/// <param name="Sin">Rotary sines.</param>
/// <param name="QueryNorm">The query norm's weight.</param>
/// <param name="KeyNorm">The key norm's weight.</param>
/// <param name="Output">The result.</param>
/// <param name="Scale">Of query-key products; never 0.</param>
/// <param name="NormEpsilon">Of the norms.</param>
internal sealed record AttentionPlan(
    string Name, int Layer, AttentionShape Shape, string Query, string Key, string Value,
    string Cos, string Sin, string QueryNorm, string KeyNorm, string Output,
    float Scale, float NormEpsilon)
{
    public bool Rotates => Cos.Length > 0;

    public bool Normalises => QueryNorm.Length > 0;

    /// <summary>Reads a node that has been checked.</summary>
    public static AttentionPlan Of(NodeProto node, AttentionOperator exported, int layer, AttentionShape shape)
    {
        bool rotates = node.Int("do_rotary", 0) == 1;
        float scale = node.Float("scale", 0);
        return new AttentionPlan(
            node.Name,
            layer,
            shape,
            node.In(0),
            node.In(1),
            node.In(2),
            rotates ? node.In(exported.CosCache) : "",
            rotates ? node.In(exported.SinCache) : "",
            node.In(exported.QueryNorm),
            node.In(exported.KeyNorm),
            node.Output[0],
            scale == 0 ? 1 / MathF.Sqrt(shape.HeadSize) : scale,
            node.Float("qk_norm_epsilon", 1e-6f));
    }

    /// <summary>The node that a device runs.</summary>
    public NodeProto NodeFor(ServedGraphProfile profile) => profile.IsGpu ? Contributed(profile) : Own();

    private NodeProto Own() => Nodes.Make(
        Name,
        OnnxNames.OwnDomain,
        OnnxNames.PagedAttention,
        [
            Query, Key, Value, Cos, Sin, QueryNorm, KeyNorm,
            OnnxNames.CumulativeSequenceLengths, OnnxNames.PastSequenceLengths, OnnxNames.BlockTable,
        ],
        Output,
        Nodes.IntAttribute("layer", Layer),
        Nodes.IntAttribute("num_heads", Shape.HeadCount),
        Nodes.IntAttribute("kv_num_heads", Shape.KvHeadCount),
        Nodes.IntAttribute("head_size", Shape.HeadSize),
        Nodes.IntAttribute("rotary", Rotates ? 1 : 0),
        Nodes.IntAttribute("qk_norm", Normalises ? 1 : 0),
        Nodes.FloatAttribute("scale", Scale),
        Nodes.FloatAttribute("qk_norm_epsilon", NormEpsilon));

    /// <summary>ONNX Runtime's operator without its cache outputs: its kernels then update the input caches in place.</summary>
    private NodeProto Contributed(ServedGraphProfile profile)
    {
        const string SlotMapping = "", HeadSink = "", KeyScale = "", ValueScale = "";
        List<string> inputs =
        [
            Query, Key, Value, ServedGraphProfile.KeyCache(Layer), ServedGraphProfile.ValueCache(Layer),
            OnnxNames.CumulativeSequenceLengths, OnnxNames.PastSequenceLengths, OnnxNames.BlockTable,
            Cos, Sin, SlotMapping, HeadSink, QueryNorm, KeyNorm,
        ];
        if (profile.TakesAttentionMetadata)
            inputs.AddRange([KeyScale, ValueScale, OnnxNames.AttentionMetadata]);
        while (inputs[^1].Length == 0)
            inputs.RemoveAt(inputs.Count - 1);
        NodeProto node = Nodes.Make(
            Name,
            OnnxNames.ContribDomain,
            OnnxNames.PagedAttention,
            inputs,
            Output,
            Nodes.IntAttribute("num_heads", Shape.HeadCount),
            Nodes.IntAttribute("kv_num_heads", Shape.KvHeadCount),
            Nodes.FloatAttribute("scale", Scale),
            Nodes.IntAttribute("do_rotary", Rotates ? 1 : 0),
            Nodes.IntAttribute("rotary_interleaved", 0));
        if (Normalises)
            node.Attribute.Add(Nodes.FloatAttribute("qk_norm_epsilon", NormEpsilon));
        return node;
    }
}
