using LocalInference.Core.Execution;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Runner;

/// <summary>
/// How rows are told apart for a graph that chooses, and read back, without a device: the test writes what a graph would.
/// </summary>
public sealed class DeviceOutputsTests : IDisposable
{
    private readonly DeviceOutputs _outputs = new(SmallLimits.Value);

    public void Dispose() => _outputs.Dispose();

    [Fact]
    public void Plan_EveryWant_GetsItsOwnRows()
    {
        Plan(
            new(4, RowWant.Hidden), new(1, RowWant.Greedy), new(3, RowWant.TopK, 2), new(0, RowWant.Logits), new(2, RowWant.TopK, 4),
            new(5, RowWant.Logits));
        Assert.Equal([4, 1, 3, 0, 2, 5], _outputs.OutputRows.Span(6).ToArray());
        Assert.Equal([1, 2, 3, 4, 5], _outputs.LogitsRows.Values.ToArray());
        Assert.Equal([0], _outputs.HiddenRows.Values.ToArray());
        Assert.Equal([2, 4], _outputs.SampledRows.Values.ToArray());
        Assert.Equal([1, 3], _outputs.TopKRows.Values.ToArray());
        Assert.Equal([5L, 2, 2, 2, 1], _outputs.Results.Select(t => t.Rows));
        Assert.Equal([-1L, 5, 4, 4, 3], _outputs.Results.Select(t => t.Columns));
    }

    [Fact]
    public void Select_EveryWant_ReadsItsOwnRows()
    {
        Plan(
            new(4, RowWant.Hidden), new(1, RowWant.Greedy), new(3, RowWant.TopK, 1), new(0, RowWant.Logits), new(2, RowWant.TopK, 2),
            new(5, RowWant.Logits));
        long[] greedy = [3, 0, 1, 2, 4], best = [4, 3, 1, 0];
        greedy.CopyTo(_outputs.GreedyTokens.Span(5));
        best.CopyTo(_outputs.BestTokens.Span(4));
        Write(_outputs.BestLogits.Span(4), 9, 8, 7, 6);
        Write(_outputs.SampledLogits.Span(10), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        Write(_outputs.HiddenStates.Span(3), -1, 0.5f, 2);
        _outputs.Select();
        Assert.Equal([-1f, 0.5f, 2], _outputs.Hidden(0).ToArray());
        Assert.Equal(3, _outputs.GreedyToken(1));
        Assert.Equal((4, 9f), (_outputs.TopKTokens(2)[0], _outputs.TopKLogits(2)[0]));
        Assert.Equal([1f, 2, 3, 4, 5], _outputs.Logits(3).ToArray());
        Assert.Equal([1, 0], _outputs.TopKTokens(4).ToArray());
        Assert.Equal([7f, 6], _outputs.TopKLogits(4).ToArray());
        Assert.Equal([6f, 7, 8, 9, 10], _outputs.Logits(5).ToArray());
    }

    [Fact]
    public void Select_TokenOutsideTheVocabulary_IsRefused()
    {
        Plan(new OutputRow(0, RowWant.Greedy));
        _outputs.GreedyTokens.Span(1)[0] = 5;
        Assert.Contains("not numbers", Assert.Throws<InvalidOperationException>(_outputs.Select).Message);
    }

    [Fact]
    public void Select_LogitsThatAreNoNumbers_AreRefused()
    {
        Plan(new OutputRow(0, RowWant.Logits));
        Write(_outputs.SampledLogits.Span(5), 1, 2, 3, 4, float.NaN);
        Assert.Contains("not numbers", Assert.Throws<InvalidOperationException>(_outputs.Select).Message);
    }

    [Fact]
    public void Plan_NothingWanted_GathersOneRowOfEach()
    {
        Plan();
        Assert.All(_outputs.Choices, t => Assert.Equal(1, t.Rows));
        Assert.All(_outputs.Results, t => Assert.Equal(0, t.Rows));
        Assert.Equal((0, 0, 0), (_outputs.SampledRows.Values[0], _outputs.TopKRows.Values[0], _outputs.HiddenRows.Values[0]));
        _outputs.Select();
        Assert.Throws<ArgumentOutOfRangeException>(() => _outputs.GreedyToken(0));
    }

    private static void Write(Span<Half> target, params ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
            target[i] = (Half)values[i];
    }

    private void Plan(params OutputRow[] rows)
    {
        var batch = new StepBatch(8, 2, 4);
        batch.Add([1, 2, 3, 4, 5, 6], 0, [0]);
        foreach (OutputRow row in rows)
            batch.Want(row);
        _outputs.Plan(batch);
    }
}
