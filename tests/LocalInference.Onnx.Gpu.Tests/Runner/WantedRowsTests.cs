using LocalInference.Core.Execution;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

/// <summary>What rows say, and what they cost: nothing is copied off the device that the step did not ask for.</summary>
public sealed class WantedRowsTests : IDisposable
{
    private const int Vocabulary = 2048, HiddenSize = 256;

    private readonly DeviceModelRunner _runner = WebGpu.Runner(Repository.TinyR1);
    private readonly int[] _prompt = Questions.All[0].Prompt;

    public void Dispose() => _runner.Dispose();

    [Fact]
    public void Rows_OfEveryWant_AgreeAndCostWhatTheyHold()
    {
        int last = _prompt.Length - 1;
        IStepResult rows = Run(
            new(last, RowWant.Greedy), new(3, RowWant.Hidden), new(last, RowWant.TopK, 5), new(last, RowWant.Logits), new(2, RowWant.TopK, 9),
            new(2, RowWant.Logits));
        int[] tokens = rows.TopKTokens(2).ToArray();
        float[] logits = rows.Logits(3).ToArray(), other = rows.Logits(5).ToArray();
        Assert.Equal(rows.GreedyToken(0), tokens[0]);
        Assert.Equal(Best(logits, 5), tokens);
        Assert.Equal(tokens.Select(t => logits[t]), rows.TopKLogits(2).ToArray());
        Assert.Equal(Best(other, 9), rows.TopKTokens(4).ToArray());
        Assert.Equal(HiddenSize, rows.Hidden(1).Length);
        Assert.All(rows.Hidden(1).ToArray(), v => Assert.True(float.IsFinite(v)));
        // A token for each of five rows of the head; two rows of nine tokens with their logits; two rows of logits; one hidden state.
        Assert.Equal((5 * 8) + (2 * 9 * (8 + 2)) + (2 * Vocabulary * 2) + (HiddenSize * 2), _runner.Traffic.DownloadedBytes);
        // Alone the row goes through the last layer by other kernels.
        float[] beside = rows.Hidden(1).ToArray(), alone = Run(new OutputRow(3, RowWant.Hidden)).Hidden(0).ToArray();
        Assert.All(beside.Zip(alone), p => Assert.Equal(p.First, p.Second, 0.1f));
        Assert.Equal(HiddenSize * 2, _runner.Traffic.DownloadedBytes);
    }

    [Fact]
    public void Rows_32Greedy_Cost256Bytes()
    {
        StepBatch batch = Batches.For(_runner);
        for (int i = 0; i < 32; i++)
        {
            int first = batch.Add([5 + i], 0, [i]);
            batch.Want(new OutputRow(first, RowWant.Greedy));
        }
        _runner.Run(batch);
        Assert.Equal(32 * 8, _runner.Traffic.DownloadedBytes);
        // Ids, lengths, rows: 32 of each. The block table is a row of the context's blocks for each sequence.
        Assert.Equal((32 * 8) + (33 * 4) + (32 * 4) + (32 * 256 * 4) + (2 * 32 * 4) + (3 * 4), _runner.Traffic.UploadedBytes);
    }

    [Fact]
    public void Rows_NoneWanted_NothingIsCopiedBack()
    {
        Run();
        Assert.Equal(0, _runner.Traffic.DownloadedBytes);
        int before = Run(new OutputRow(_prompt.Length - 1, RowWant.Greedy)).GreedyToken(0);
        Run();
        Assert.Equal(before, Run(new OutputRow(_prompt.Length - 1, RowWant.Greedy)).GreedyToken(0));
    }

    [Fact]
    public void Rows_MoreThanSequences_AreAllRead()
    {
        OutputRow[] wants = [.. Enumerable.Range(0, 4 * _prompt.Length).Select(
            i => new OutputRow(i % _prompt.Length, i % 2 == 0 ? RowWant.Greedy : RowWant.Logits))];
        IStepResult rows = Run(wants);
        for (int i = 0; i < wants.Length; i += 2)
            if (wants[i + 1].TokenIndex == wants[i].TokenIndex)
                Assert.Equal(rows.GreedyToken(i), Best(rows.Logits(i + 1).ToArray(), 1)[0]);
        int all = wants.Count(w => w.Want == RowWant.Logits);
        Assert.Equal((wants.Length * 8) + (all * Vocabulary * 2L), _runner.Traffic.DownloadedBytes);
    }

    private static int[] Best(float[] logits, int count) =>
        [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenBy(i => i).Take(count)];

    private IStepResult Run(params OutputRow[] wants)
    {
        StepBatch batch = Batches.For(_runner);
        batch.Add(_prompt, 0, [.. Enumerable.Range(0, _runner.Capabilities.Kv.BlocksFor(_prompt.Length))]);
        foreach (OutputRow want in wants)
            batch.Want(want);
        return _runner.Run(batch);
    }
}
