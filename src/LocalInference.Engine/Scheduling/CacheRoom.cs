using System.Collections.Immutable;
using System.Diagnostics;
using LocalInference.Core.Execution;
using LocalInference.Engine.KvCache;

namespace LocalInference.Engine.Scheduling;

/// <summary>Room in the cache: who may join, which blocks a step takes, who makes room when there are too few.</summary>
/// <remarks>Owned by the engine thread. Nothing allocates after construction.</remarks>
internal sealed class CacheRoom
{
    private readonly KvLayout _kv;
    private readonly int _maxSequences;
    private readonly SequenceLists _sequences;
    private readonly StepMetrics _metrics;
    private readonly BlockPool _pool;

    /// <summary>Makes room of which all is free.</summary>
    /// <param name="runner">Whose cache.</param>
    /// <param name="maxSequences">Sequences that run at once.</param>
    /// <param name="sequences">Who runs and who waits; moved from here between the two.</param>
    /// <param name="metrics">Told of every preemption.</param>
    public CacheRoom(RunnerCapabilities runner, int maxSequences, SequenceLists sequences, StepMetrics metrics)
    {
        (_kv, _maxSequences, _sequences, _metrics) = (runner.Kv, maxSequences, sequences, metrics);
        _pool = new BlockPool(runner.BlockCount);
    }

    /// <summary>Blocks in use.</summary>
    public int UsedBlocks => _pool.UsedCount;

    /// <summary>Lets the waiting join the running, the oldest first, and nobody overtakes.</summary>
    /// <remarks>
    /// A sequence joins when the free blocks hold all its tokens and one more, beside what those before it still have to read: so only
    /// decoding can run out of blocks, and who was preempted does not come back only to be preempted again.
    /// </remarks>
    public void Join()
    {
        int promised = 0;
        for (int i = 0; i < _sequences.Running.Count; i++)
            promised += _kv.BlocksFor(_sequences.Running[i].TokenCount) - _sequences.Running[i].Blocks.Count;
        while (_sequences.Waiting.Count > 0 && _sequences.Running.Count < _maxSequences)
        {
            promised += _kv.BlocksFor(_sequences.Waiting[0].TokenCount + 1);
            if (promised > _pool.FreeCount) return;
            _sequences.JoinOldest();
        }
    }

    /// <summary>
    /// Takes the blocks that the running sequences' chunks need; where there are too few, the youngest make room. If the step then fails,
    /// they come back with their sequences.
    /// </summary>
    public void Reserve()
    {
        // Oldest first, so that whoever is preempted for want of blocks, the youngest, has not reserved any in this step.
        for (int i = 0; i < _sequences.Running.Count; i++)
        {
            Sequence sequence = _sequences.Running[i];
            int blocks = _kv.BlocksFor(sequence.CachedTokens + sequence.Chunk);
            while (sequence.State == SequenceState.Running && !sequence.Blocks.TryGrow(_pool, blocks)) PreemptYoungest();
        }
    }

    /// <summary>Takes a sequence's blocks away; what they held must be computed again.</summary>
    public void Release(Sequence sequence)
    {
        sequence.Blocks.Shrink(_pool, 0);
        sequence.ForgetCache();
    }

    /// <summary>The cache's books, copied.</summary>
    public CacheSnapshot Snapshot() => new(
        _kv.BlockTokens,
        _pool.BlockCount,
        [.. _pool.Free],
        [.. _sequences.Running.Concat(_sequences.Waiting)
            .Select(s => new TableSnapshot(s.Id, s.CachedTokens, s.Blocks.Blocks.ToImmutableArray()))]);

    /// <summary>Holds the books against <see cref="CacheInvariants"/>; in debug builds only, since it allocates.</summary>
    [Conditional("DEBUG")]
    public void ThrowIfInvariantsAreBroken()
    {
        IReadOnlyList<string> violations = CacheInvariants.Check(Snapshot());
        if (violations.Count > 0) throw new InvalidOperationException(string.Join(Environment.NewLine, violations));
    }

    private void PreemptYoungest()
    {
        Sequence sequence = _sequences.Running[^1];
        sequence.Chunk = 0;
        Release(sequence);
        _sequences.PreemptYoungest();
        _metrics.Preempted();
    }
}
