using LocalInference.Core.Execution;
using LocalInference.Onnx;
using LocalInference.Onnx.Runner;
using LocalInference.Text.Tokenization;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Quantize.Evaluation;

/// <summary>A model folder as this server runs it on the CPU.</summary>
internal sealed class FolderLogits : ILogitSource
{
    private const int Parallel = 32;

    // All logits of a step lie in memory.
    private const int MostStepTokens = 1024;

    // Answers that go on for longer are wrong.
    private const int AnswerTokens = 1024;

    private readonly string _folder;
    private readonly OnnxModel _model;
    private readonly IModelRunner _runner;
    private readonly StepBatch _batch;
    private readonly IReadOnlyList<int[]> _sequences;

    /// <summary>Loads a folder.</summary>
    /// <param name="folder">A served folder.</param>
    /// <param name="sequences">What logits will be asked of.</param>
    /// <param name="answers">Whether it shall answer questions, too.</param>
    /// <exception cref="LocalInference.Onnx.Models.ModelFolderException">This server cannot run it on the CPU.</exception>
    public FolderLogits(string folder, IReadOnlyList<int[]> sequences, bool answers)
    {
        (_folder, _sequences) = (folder, sequences);
        _model = OnnxModel.Load(folder, new OnnxModelOptions(), NullLogger.Instance);
        _runner = _model.CreateRunner(new RunnerOptions
        {
            MaxSequences = answers ? Parallel : 1,
            MaxStepTokens = Math.Clamp(sequences.Max(s => s.Length), Parallel, MostStepTokens),
        });
        RunnerCapabilities can = _runner.Capabilities;
        _batch = new StepBatch(can.MaxStepTokens, can.MaxSequences, can.Kv.BlocksFor(can.ContextTokens));
    }

    public int VocabularySize => _model.Served.VocabularySize;

    public float[] Logits(int sequence)
    {
        int[] ids = _sequences[sequence];
        float[] logits = new float[ids.Length * VocabularySize];
        int[] blocks = [.. Enumerable.Range(0, _runner.Capabilities.Kv.BlocksFor(ids.Length))];
        for (int past = 0; past < ids.Length; past += _runner.Capabilities.MaxStepTokens)
        {
            int count = Math.Min(_runner.Capabilities.MaxStepTokens, ids.Length - past);
            _batch.Clear();
            _batch.Add(ids.AsSpan(past, count), past, blocks);
            for (int i = 0; i < count; i++)
                _batch.Want(new OutputRow(i, RowWant.Logits));
            _runner.Submit(_batch);
            IStepResult result = _runner.Complete();
            for (int i = 0; i < count; i++)
                result.Logits(i).CopyTo(logits.AsSpan((past + i) * VocabularySize));
        }
        return logits;
    }

    /// <summary>Answers questions greedily and counts the right ones.</summary>
    public int CountRight(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(_folder);
        return questions.Chunk(Parallel).Sum(group =>
            Answer(group, cancellationToken).Zip(group).Count(p =>
                p.First.Count > 0 && Ends(p.First[^1]) && p.Second.IsRight(
                tokenizer.Decode(p.First.ToArray().AsSpan()[..^1], skipSpecial: false))));
    }

    public void Dispose() => _runner.Dispose();

    private bool Ends(int id) => _model.Served.EndTokenIds.Contains(id);

    private List<int>[] Answer(Question[] questions, CancellationToken cancellationToken)
    {
        int room = _runner.Capabilities.Kv.BlocksFor(questions.Max(q => q.Ids.Length) + AnswerTokens);
        List<int>[] answers = [.. questions.Select(_ => new List<int>())];
        // Prompts one by one, then all that still speak together.
        for (int i = 0; i < questions.Length; i++)
            Step([(i, questions[i].Ids, 0)], answers, room);
        for (int step = 0; step < AnswerTokens; step++)
        {
            (int, int[], int)[] speaking =
                [.. Enumerable.Range(0, questions.Length).Where(i => !Ends(answers[i][^1])).Select(i =>
                    (i, new[] { answers[i][^1] }, questions[i].Ids.Length + answers[i].Count - 1))];
            if (speaking.Length == 0)
                break;
            cancellationToken.ThrowIfCancellationRequested();
            Step(speaking, answers, room);
        }
        return answers;
    }

    private void Step(IEnumerable<(int Question, int[] Ids, int Past)> parts, List<int>[] answers, int room)
    {
        _batch.Clear();
        var rows = new List<(int Question, int Row)>();
        foreach ((int question, int[] ids, int past) in parts)
        {
            int first = _batch.Add(ids, past, [.. Enumerable.Range(question * room, room)]);
            rows.Add((question, _batch.Want(new OutputRow(first + ids.Length - 1, RowWant.Greedy))));
        }
        _runner.Submit(_batch);
        IStepResult result = _runner.Complete();
        foreach ((int question, int row) in rows)
            answers[question].Add(result.GreedyToken(row));
    }
}
