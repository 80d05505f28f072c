using System.Collections.Immutable;

namespace LocalInference.Engine.KvCache;

/// <summary>The cache's books at one moment, copied, so that <see cref="CacheInvariants"/> can be a pure function.</summary>
/// <param name="BlockTokens">Tokens in a block.</param>
/// <param name="BlockCount">Blocks there are.</param>
/// <param name="Free">The free list.</param>
/// <param name="Tables">Every sequence that may hold blocks.</param>
internal sealed record CacheSnapshot(int BlockTokens, int BlockCount, ImmutableArray<int> Free, ImmutableArray<TableSnapshot> Tables);

/// <summary>One sequence's part of the books.</summary>
/// <param name="Sequence">Its name, for messages.</param>
/// <param name="CachedTokens">Tokens whose keys and values are in its blocks.</param>
/// <param name="Blocks">Its blocks.</param>
internal sealed record TableSnapshot(string Sequence, int CachedTokens, ImmutableArray<int> Blocks);
