using LocalInference.Core.Completions;
using LocalInference.Engine.KvCache;

namespace LocalInference.Engine.Scheduling;

/// <summary>Where a sequence is in its life.</summary>
internal enum SequenceState
{
    /// <summary>In no queue yet.</summary>
    New,

    /// <summary>Holds no blocks and waits for its (next) first step.</summary>
    Waiting,

    /// <summary>Takes part in steps.</summary>
    Running,

    /// <summary>Gone; its sink is closed.</summary>
    Ended,
}

/// <summary>
/// One prompt and what was generated after it. Its tokens are kept to the end, so that its blocks can be taken away at any time
/// and computed again.
/// </summary>
/// <remarks>
/// <code>
/// tokens:  | prompt ................ | generated ... |
///          | cached ........ | pending ............. |   pending 1 = a decode row, more = prefill
/// </code>
/// Made on the request's thread, owned by the engine thread once submitted. Nothing allocates after construction.
/// </remarks>
internal sealed class Sequence
{
    private readonly int[] _tokens;
    private readonly int[] _endTokenIds;

    /// <summary>Makes a sequence that nobody knows yet.</summary>
    /// <param name="id">The request's id, for messages.</param>
    /// <param name="prompt">At least one token; copied.</param>
    /// <param name="maxTokens">Tokens to generate at most; at least 1.</param>
    /// <param name="sampling">How tokens are chosen.</param>
    /// <param name="endTokenIds">Tokens that end it.</param>
    /// <param name="blockTokens">Tokens in a block of the cache.</param>
    /// <param name="sink">Where its tokens go.</param>
    public Sequence(
        string id,
        ReadOnlySpan<int> prompt,
        int maxTokens,
        SamplingParameters sampling,
        int[] endTokenIds,
        int blockTokens,
        ITokenSink sink)
    {
        Id = id;
        Sampling = sampling;
        Sink = sink;
        _endTokenIds = endTokenIds;
        _tokens = new int[prompt.Length + maxTokens];
        prompt.CopyTo(_tokens);
        PromptTokens = TokenCount = prompt.Length;
        Blocks = new BlockTable((_tokens.Length + blockTokens - 1) / blockTokens);
    }

    public string Id { get; }

    public SamplingParameters Sampling { get; }

    public ITokenSink Sink { get; }

    public BlockTable Blocks { get; }

    public int PromptTokens { get; }

    /// <summary>Prompt and generated tokens.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Tokens whose keys and values are in <see cref="Blocks"/>.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Known tokens that the model has not read, or must read again.</summary>
    public int PendingTokens => TokenCount - CachedTokens;

    public SequenceState State { get; set; }

    /// <summary>Its number in the order of submission: the lower, the older.</summary>
    public long Arrival { get; set; }

    /// <summary>When it was submitted; a timestamp of the engine's clock.</summary>
    public long SubmittedAt { get; init; }

    /// <summary>When its latest token came; a timestamp of the engine's clock.</summary>
    public long LastTokenAt { get; set; }

    /// <summary>Whether it ever took part in a step.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Tokens it takes part with in the current step; 0 = none.</summary>
    public int Chunk { get; set; }

    /// <summary>Its row in the current step's result; −1 = none.</summary>
    public int Row { get; set; }

    /// <summary>The current step's tokens.</summary>
    public ReadOnlySpan<int> ChunkTokens => _tokens.AsSpan(CachedTokens, Chunk);

    /// <summary>The model has read the chunk.</summary>
    public void AdvanceCache() => CachedTokens += Chunk;

    /// <summary>Its blocks are gone: everything must be read again.</summary>
    public void ForgetCache() => CachedTokens = 0;

    /// <summary>Adds a generated token.</summary>
    public TokenEnd Append(int tokenId)
    {
        _tokens[TokenCount++] = tokenId;
        if (_endTokenIds.AsSpan().Contains(tokenId)) return TokenEnd.EndToken;
        return TokenCount == _tokens.Length ? TokenEnd.Limit : TokenEnd.None;
    }
}
