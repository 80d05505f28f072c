using LocalInference.Core.Errors;
using LocalInference.Core.Execution;
using LocalInference.Engine.KvCache;
using LocalInference.Engine.Sampling;

namespace LocalInference.Engine.Scheduling;

/// <summary>
/// Owns the sequences, their room in the cache and the runner, and moves them on step by step: plan, reserve, run, sample, publish.
/// </summary>
/// <remarks>One thread only: the engine's, or a test's. A step of decode rows allocates nothing.</remarks>
internal sealed class Scheduler
{
    private static readonly InferenceFailure StepFailure = new(
        InferenceError.EngineFailed, "The engine failed while it computed this request. Other requests go on; trying again may help.");

    private readonly IModelRunner _runner;
    private readonly SchedulerServices _services;
    private readonly int _stepTokens;
    private readonly SequenceLists _sequences = new();
    private readonly CacheRoom _room;
    private readonly StepBatch _batch;
    private readonly Sampler _sampler;
    private readonly PlannedSequence[] _planned;
    private readonly int[] _chunks;
    private readonly int[] _next;
    private readonly StepMetrics _metrics;
    private StepTurn _turn = StepTurn.First;

    /// <summary>Makes a scheduler with an empty cache.</summary>
    /// <param name="runner">Not owned.</param>
    /// <param name="options">Within the runner's capabilities.</param>
    /// <param name="contextTokens">The longest sequence; the runner's blocks hold at least one.</param>
    /// <param name="services">What it reports to.</param>
    public Scheduler(IModelRunner runner, EngineOptions options, int contextTokens, SchedulerServices services)
    {
        _runner = runner;
        _services = services;
        _stepTokens = options.StepTokens;
        _metrics = new StepMetrics(services);
        _room = new CacheRoom(runner.Capabilities, options.MaxSequences, _sequences, _metrics);
        _batch = new StepBatch(options.StepTokens, options.MaxSequences, runner.Capabilities.Kv.BlocksFor(contextTokens));
        _sampler = new Sampler(runner.Capabilities.VocabularySize);
        _planned = new PlannedSequence[options.MaxSequences];
        _chunks = new int[options.MaxSequences];
        _next = new int[options.MaxSequences];
    }

    /// <summary>Whether a step has anything to do.</summary>
    public bool HasWork => _sequences.Count > 0;

    /// <summary>Takes a new sequence.</summary>
    public void Submit(Sequence sequence)
    {
        _sequences.Add(sequence);
        PublishCounts();
    }

    /// <summary>Lets go of a sequence that nobody wants any more, wherever it is in its life; its blocks are free at once.</summary>
    public void Abort(Sequence sequence, AbortReason reason)
    {
        if (sequence.State is not (SequenceState.Waiting or SequenceState.Running)) return;
        if (reason == AbortReason.StopString) _metrics.Completed(sequence);
        End(sequence, failure: null);
        RemoveEnded();
    }

    /// <summary>Fails every sequence.</summary>
    /// <returns>How many.</returns>
    public int FailAll(InferenceFailure failure)
    {
        RemoveEnded();
        int count = _sequences.Count;
        foreach (Sequence sequence in _sequences.Running) End(sequence, failure);
        foreach (Sequence sequence in _sequences.Waiting) End(sequence, failure);
        RemoveEnded();
        return count;
    }

    /// <summary>
    /// Computes one step, unless whoever was planned for it had to make room. An exception fails the sequences that took part and nobody
    /// else; their blocks come back.
    /// </summary>
    public void Step()
    {
        _metrics.Begin();
        _batch.Clear();
        try
        {
            Plan();
            _room.Reserve();
            FillBatch();
            if (_batch.TokenCount > 0)
            {
                _runner.Submit(_batch);
                Sample(_runner.Complete());
                Publish();
            }
        }
        catch (Exception exception)
        {
            FailStep(exception);
        }
        RemoveEnded();
        _metrics.End(_batch.TokenCount);
        _room.ThrowIfInvariantsAreBroken();
    }

    /// <summary>The cache's books, copied.</summary>
    internal CacheSnapshot Snapshot() => _room.Snapshot();

    private void Plan()
    {
        _room.Join();
        int count = _sequences.Running.Count;
        for (int i = 0; i < count; i++)
            _planned[i] = new PlannedSequence(_sequences.Running[i].Arrival, _sequences.Running[i].PendingTokens);
        _turn = StepPlanner.Plan(_planned.AsSpan(0, count), _stepTokens, _turn, _chunks);
        for (int i = 0; i < count; i++) _sequences.Running[i].Chunk = _chunks[i];
    }

    private void FillBatch()
    {
        for (int i = 0; i < _sequences.Running.Count; i++)
        {
            Sequence sequence = _sequences.Running[i];
            sequence.Row = -1;
            if (sequence.Chunk == 0) continue;
            _metrics.TakesPart(sequence);
            int first = _batch.Add(sequence.ChunkTokens, sequence.CachedTokens, sequence.Blocks.Blocks);
            if (sequence.Chunk < sequence.PendingTokens) continue;
            RowWant want = sequence.Sampling.IsGreedy ? RowWant.Greedy : RowWant.Logits;
            sequence.Row = _batch.Want(new OutputRow(first + sequence.Chunk - 1, want));
        }
    }

    private void Sample(IStepResult result)
    {
        for (int i = 0; i < _sequences.Running.Count; i++)
        {
            Sequence sequence = _sequences.Running[i];
            if (sequence.Row < 0) continue;
            if (sequence.Sampling.IsGreedy) _next[sequence.Row] = result.GreedyToken(sequence.Row);
            else if (!_sampler.TrySample(result.Logits(sequence.Row), sequence.Sampling, sequence.TokenCount, out _next[sequence.Row]))
                Log.LogitsBroken(_services.Logger, sequence.Id, sequence.TokenCount);
        }
    }

    private void Publish()
    {
        _metrics.Computed();
        for (int i = 0; i < _sequences.Running.Count; i++)
        {
            Sequence sequence = _sequences.Running[i];
            sequence.AdvanceCache();
            if (sequence.Row < 0) continue;
            if (_next[sequence.Row] < 0)
            {
                End(sequence, StepFailure);
                continue;
            }
            TokenEnd end = sequence.Append(_next[sequence.Row]);
            _metrics.Generated(sequence, end);
            sequence.Sink.Write(new GeneratedToken(_next[sequence.Row], end));
            if (end != TokenEnd.None) End(sequence, failure: null);
        }
    }

    private void FailStep(Exception exception)
    {
        int failed = 0;
        foreach (Sequence sequence in _sequences.Running)
        {
            if (sequence.State != SequenceState.Running || sequence.Chunk == 0) continue;
            End(sequence, StepFailure);
            failed++;
        }
        // A fault before anybody took part would come again in every step: then it is everybody's.
        if (_batch.SequenceCount == 0) failed += FailAll(StepFailure);
        Log.StepFailed(_services.Logger, exception, _batch.TokenCount, failed);
        _metrics.Failed();
    }

    private void End(Sequence sequence, InferenceFailure? failure)
    {
        _room.Release(sequence);
        sequence.State = SequenceState.Ended;
        _metrics.Ended();
        try
        {
            sequence.Sink.Close(failure);
        }
        catch (Exception exception)
        {
            // A bug of the request's side. It has its books in order with the engine, and the others must not pay for it.
            Log.SinkFailed(_services.Logger, exception, sequence.Id);
        }
    }

    private void RemoveEnded()
    {
        _sequences.RemoveEnded();
        PublishCounts();
    }

    private void PublishCounts() => _services.State.Publish(
        _sequences.Running.Count, _sequences.Waiting.Count, _room.UsedBlocks, _sequences.PendingPrefillTokens);
}
