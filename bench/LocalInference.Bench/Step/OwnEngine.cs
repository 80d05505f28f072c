using LocalInference.Core.Execution;
using LocalInference.Onnx;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Runner;

namespace LocalInference.Bench.Step;

/// <summary>The product's own runner, as the server makes it.</summary>
internal sealed class OwnEngine : IStepEngine
{
    private const int FillTokens = 512;

    private readonly IModelRunner _runner;
    private readonly StepBatch _batch;
    private readonly int _blocksOfSequence;
    private readonly int[] _filled;
    private int[] _tokens = [];

    /// <param name="model">Read already.</param>
    /// <param name="plan">Decides how large the runner must be.</param>
    /// <param name="name">What results call it.</param>
    /// <param name="cacheType">What its cache keeps; null = the runner's default.</param>
    public OwnEngine(OnnxModel model, StepPlan plan, string name = StepOptions.Own, KvType? cacheType = null)
    {
        Name = name;
        _runner = model.CreateRunner(new RunnerOptions
        {
            Threads = plan.Threads,
            KvType = cacheType,
            MaxStepTokens = Math.Max(FillTokens, plan.Cases.Max(c => c.Tokens)),
            MaxSequences = plan.Cases.Max(c => c.Sequences),
        });
        RunnerCapabilities limits = _runner.Capabilities;
        _blocksOfSequence = limits.Kv.BlocksFor(plan.Cases.Max(c => c.PastTokens + c.NewTokens));
        _filled = new int[limits.MaxSequences];
        _batch = new StepBatch(limits.MaxStepTokens, limits.MaxSequences, _blocksOfSequence);
    }

    public string Name { get; }

    public long CacheBytesPerToken => _runner.Capabilities.Kv.BytesPerToken;

    public IReadOnlyList<int> Tokens => _tokens;

    public void Prepare(StepCase step)
    {
        if ((long)step.Sequences * _blocksOfSequence > _runner.Capabilities.BlockCount)
            throw new BenchException(
                $"{step.Name} takes {step.Sequences * _blocksOfSequence} blocks of the cache, which has {_runner.Capabilities.BlockCount}: "
                + "ask for fewer sequences or tokens.");
        for (int sequence = 0; sequence < step.Sequences; sequence++)
            Fill(sequence, step.PastTokens);
        _tokens = new int[step.Sequences];
        _batch.Clear();
        for (int sequence = 0; sequence < step.Sequences; sequence++)
        {
            int row = _batch.Add(Ids(sequence, step.PastTokens, step.NewTokens), step.PastTokens, Blocks(sequence, step.PastTokens + step.NewTokens));
            _batch.Want(new OutputRow(row + step.NewTokens - 1, RowWant.Greedy));
            // The step overwrites what stood at its own positions.
            _filled[sequence] = Math.Min(_filled[sequence], step.PastTokens);
        }
    }

    public void Run()
    {
        _runner.Submit(_batch);
        IStepResult result = _runner.Complete();
        for (int row = 0; row < _batch.RowCount; row++)
            _tokens[row] = result.GreedyToken(row);
    }

    public void Dispose() => _runner.Dispose();

    /// <summary>Real tokens, through the model: memory that was never written reads faster than memory is.</summary>
    private void Fill(int sequence, int tokens)
    {
        while (_filled[sequence] < tokens)
        {
            int count = Math.Min(FillTokens, tokens - _filled[sequence]);
            _batch.Clear();
            _batch.Add(Ids(sequence, _filled[sequence], count), _filled[sequence], Blocks(sequence, _filled[sequence] + count));
            _runner.Submit(_batch);
            _runner.Complete();
            _filled[sequence] += count;
        }
    }

    private int[] Ids(int sequence, int first, int count) => StepTokens.From(sequence, first, count, _runner.Capabilities.VocabularySize);

    private int[] Blocks(int sequence, int tokens) =>
        [.. Enumerable.Range(sequence * _blocksOfSequence, _runner.Capabilities.Kv.BlocksFor(tokens))];
}
