using LocalInference.Core.Execution;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>The smallest possible server: gives each prompt blocks of its own and generates greedily, several sequences at once.</summary>
internal sealed class GreedyLoop
{
    private readonly IModelRunner _runner;
    private readonly StepBatch _batch;
    private readonly Stack<int> _freeBlocks;

    public GreedyLoop(IModelRunner runner)
    {
        _runner = runner;
        _batch = Batches.For(runner);
        _freeBlocks = new Stack<int>(Enumerable.Range(0, runner.Capabilities.BlockCount).Reverse());
    }

    /// <summary>Generates until an end token (kept) or so many tokens.</summary>
    /// <param name="prompts">Token ids.</param>
    /// <param name="parallel">Sequences at once.</param>
    /// <param name="maxTokens">For each.</param>
    /// <param name="endToken">Null to go on.</param>
    /// <param name="chunkTokens">Prompt tokens of one sequence in a step at most, asked anew for each chunk.</param>
    public List<int>[] Run(IReadOnlyList<int[]> prompts, int parallel, int maxTokens, int? endToken, Func<int>? chunkTokens = null)
    {
        var outputs = prompts.Select(_ => new List<int>()).ToArray();
        var active = new List<Sequence>();
        int next = 0;
        while (active.Count > 0 || next < prompts.Count)
        {
            while (active.Count < parallel && next < prompts.Count)
                active.Add(new Sequence(outputs[next], prompts[next++]));
            Step(active, chunkTokens ?? (() => int.MaxValue));
            foreach (Sequence done in active.Where(
                s => s.Output.Count > 0 && (s.Output[^1] == endToken || s.Output.Count == maxTokens)).ToArray())
            {
                done.Blocks.ForEach(_freeBlocks.Push);
                active.Remove(done);
            }
        }
        return outputs;
    }

    private void Step(List<Sequence> active, Func<int> chunkTokens)
    {
        _batch.Clear();
        var planned = new List<(Sequence Sequence, int Row)>();
        int room = _runner.Capabilities.MaxStepTokens - active.Count(s => s.Pending.Count == 1);
        foreach (Sequence sequence in active)
        {
            int count = sequence.Pending.Count == 1 ? 1 : Math.Min(sequence.Pending.Count, Math.Min(room, chunkTokens()));
            if (count == 0)
                continue;
            room -= sequence.Pending.Count == 1 ? 0 : count;
            while (sequence.Blocks.Count < _runner.Capabilities.Kv.BlocksFor(sequence.Past + count))
                sequence.Blocks.Add(_freeBlocks.Pop());
            int first = _batch.Add([.. sequence.Pending.Take(count)], sequence.Past, [.. sequence.Blocks]);
            sequence.Past += count;
            sequence.Pending.RemoveRange(0, count);
            planned.Add((sequence, sequence.Pending.Count == 0 ? _batch.Want(new OutputRow(first + count - 1, RowWant.Greedy)) : -1));
        }
        _runner.Submit(_batch);
        IStepResult result = _runner.Complete();
        foreach ((Sequence sequence, int row) in planned.Where(p => p.Row >= 0))
        {
            sequence.Output.Add(result.GreedyToken(row));
            sequence.Pending.Add(sequence.Output[^1]);
        }
    }

    private sealed class Sequence(List<int> output, int[] prompt)
    {
        public List<int> Output => output;

        public List<int> Pending { get; } = [.. prompt];

        public List<int> Blocks { get; } = [];

        public int Past { get; set; }
    }
}
