namespace LocalInference.Onnx.Graph;

/// <summary>What every attention layer of a model has in common.</summary>
/// <param name="HeadCount">Query heads.</param>
/// <param name="KvHeadCount">Heads that keys and values have; divides <paramref name="HeadCount"/>.</param>
/// <param name="HeadSize">Elements in a head; a multiple of 8.</param>
internal sealed record AttentionShape(int HeadCount, int KvHeadCount, int HeadSize)
{
    /// <summary>Query heads that share one key head.</summary>
    public int GroupSize => HeadCount / KvHeadCount;
}
