using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// One of the attention operators that exporters write: where its inputs lie, and which of them this server does not honour.
/// </summary>
/// <param name="OpType">Its name in <see cref="OnnxNames.ContribDomain"/>.</param>
/// <param name="CosCache">The input with rotary cosines; sines follow it.</param>
/// <param name="QueryNorm">The input with the query norm's weight; the key norm's follows it.</param>
/// <param name="KnownInputs">How many inputs are known.</param>
/// <param name="RefusedInputs">Inputs that change the result in ways that are not implemented, by position.</param>
internal sealed record AttentionOperator(
    string OpType, int CosCache, int QueryNorm, int KnownInputs, IReadOnlyDictionary<int, string> RefusedInputs)
{
    /// <summary>Batches with padding; the builder's choice for every device.</summary>
    public static readonly AttentionOperator GroupQuery =
        new("GroupQueryAttention", CosCache: 7, QueryNorm: 14, KnownInputs: 16, new Dictionary<int, string>
        {
            [PositionIds] = "position_ids",
            [10] = "attention_bias",
            [11] = "head_sink (attention sinks)",
            [12] = "k_scale (a quantised cache)",
            [13] = "v_scale (a quantised cache)",
        });

    /// <summary>Packed rows over a paged cache; the builder writes it for GPUs with <c>use_paged_attention</c>.</summary>
    public static readonly AttentionOperator Paged =
        new(OnnxNames.PagedAttention, CosCache: 8, QueryNorm: 12, KnownInputs: 17, new Dictionary<int, string>
        {
            [10] = "slot_mapping",
            [11] = "head_sink (attention sinks)",
            [14] = "k_scale (a quantised cache)",
            [15] = "v_scale (a quantised cache)",
        });

    /// <summary>Position of <see cref="GroupQuery"/>'s own rotary positions.</summary>
    public const int PositionIds = 9;

    public int SinCache => CosCache + 1;

    public int KeyNorm => QueryNorm + 1;

    /// <summary>The operator of a node; null where it is no attention that is known.</summary>
    public static AttentionOperator? Of(NodeProto node) =>
        node.IsContrib(GroupQuery.OpType) ? GroupQuery : node.IsContrib(Paged.OpType) ? Paged : null;
}
