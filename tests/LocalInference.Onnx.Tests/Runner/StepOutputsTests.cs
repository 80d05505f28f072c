using LocalInference.Core.Execution;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Runner;

/// <summary>Which rows are computed, and what is read off them, without a model: the test writes the logits.</summary>
public sealed class StepOutputsTests : IDisposable
{
    private readonly StepOutputs _outputs = new(SmallLimits.Value);

    public void Dispose() => _outputs.Dispose();

    [Fact]
    public void Plan_MixedWants_HiddenRowsDoNotGoThroughTheHead()
    {
        _outputs.Plan(Batch(new(4, RowWant.Hidden), new(1, RowWant.Greedy), new(3, RowWant.Hidden), new(0, RowWant.Logits)));
        Assert.Equal([4, 1, 3, 0], _outputs.OutputRows.Values.ToArray());
        Assert.Equal([1, 3], _outputs.LogitsRows.Values.ToArray());
        Write([0, 1, 2, 3, 4, 9, 8, 7, 6, 5]);
        Assert.Equal(4, _outputs.GreedyToken(1));
        Assert.Equal([9f, 8, 7, 6, 5], _outputs.Logits(3).ToArray());
    }

    [Fact]
    public void Plan_NothingWanted_OneRowIsComputedAndNoneCanBeRead()
    {
        _outputs.Plan(Batch());
        Assert.Equal([4], _outputs.OutputRows.Values.ToArray());
        Assert.Equal([0], _outputs.LogitsRows.Values.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => _outputs.GreedyToken(0));
    }

    [Fact]
    public void Select_Ties_TakeTheLowestIdFirst()
    {
        _outputs.Plan(Batch(new(0, RowWant.Greedy), new(0, RowWant.TopK, 3), new(1, RowWant.TopK, 5)));
        Write([1, 2, 2, 2, 0, 1, 2, 2, 2, 0, 0, 0, 3, 0, 0]);
        Assert.Equal(1, _outputs.GreedyToken(0));
        Assert.Equal([1, 2, 3], _outputs.TopKTokens(1).ToArray());
        Assert.Equal([2, 0, 1, 3, 4], _outputs.TopKTokens(2).ToArray());
        Assert.Equal([3f, 0, 0, 0, 0], _outputs.TopKLogits(2).ToArray());
    }

    [Fact]
    public void Forget_AfterAFailedRun_NothingCanBeRead()
    {
        _outputs.Plan(Batch(new OutputRow(0, RowWant.Greedy)));
        _outputs.Forget();
        Assert.Throws<ArgumentOutOfRangeException>(() => _outputs.GreedyToken(0));
    }

    [Fact]
    public void Read_AfterDisposal_IsRefused()
    {
        _outputs.Plan(Batch(new OutputRow(0, RowWant.Logits)));
        Assert.Equal(5, _outputs.Logits(0).Length);
        _outputs.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _outputs.Logits(0).Length);
    }

    private void Write(float[] logits)
    {
        logits.CopyTo(_outputs.AllLogits.Span(logits.Length));
        _outputs.Select();
    }

    /// <summary>Five tokens of one sequence.</summary>
    private static StepBatch Batch(params OutputRow[] rows)
    {
        var batch = new StepBatch(8, 2, 4);
        batch.Add([1, 2, 3, 4, 0], 0, [0]);
        foreach (OutputRow row in rows)
            batch.Want(row);
        return batch;
    }
}
