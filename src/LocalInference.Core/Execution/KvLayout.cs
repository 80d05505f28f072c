using System.Collections.Immutable;

namespace LocalInference.Core.Execution;

/// <summary>
/// What the cache keeps for each token: a list of tensors per layer, so that one-tensor latent caches fit beside K and V.
/// </summary>
/// <param name="BlockTokens">Tokens in a block; at least 1.</param>
/// <param name="Layers">One list of tensors per layer.</param>
public sealed record KvLayout(int BlockTokens, ImmutableArray<KvLayer> Layers)
{
    /// <summary>Bytes that one token takes over all layers.</summary>
    public long BytesPerToken { get; } = Layers.Sum(l => l.Tensors.Sum(t => t.BytesPerToken));

    /// <summary>Bytes of one block over all layers.</summary>
    public long BytesPerBlock => BytesPerToken * BlockTokens;

    /// <summary>Blocks that a sequence of so many tokens takes.</summary>
    public int BlocksFor(int tokens) => (tokens + BlockTokens - 1) / BlockTokens;
}

/// <summary>One layer's part of the cache.</summary>
/// <param name="Tensors">Usually key and value.</param>
public sealed record KvLayer(ImmutableArray<KvTensor> Tensors);

/// <summary>One tensor of one layer's cache.</summary>
/// <param name="Name"><c>key</c>, <c>value</c> or <c>latent</c>.</param>
/// <param name="BytesPerToken">All heads together.</param>
public sealed record KvTensor(string Name, long BytesPerToken);
