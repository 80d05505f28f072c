using LocalInference.Core.Execution;
using LocalInference.Onnx.Runner;

namespace LocalInference.Onnx.Tests.Runner;

public sealed class StepInputsTests : IDisposable
{
    private readonly StepInputs _inputs = new(new RunnerCapabilities
    {
        VocabularySize = 10,
        HiddenSize = 1,
        ContextTokens = 64,
        MaxStepTokens = 8,
        MaxSequences = 3,
        Kv = new KvLayout(16, []),
        BlockCount = 9,
        IsBatchInvariant = true,
    });

    public void Dispose() => _inputs.Dispose();

    [Fact]
    public void Fill_TwoSequences_DescribesThemAsTheGraphWants()
    {
        var batch = new StepBatch(8, 3, 4);
        batch.Add([7, 8, 9], 15, [5, 6, 7]);
        batch.Add([1], 0, [2]);
        _inputs.Fill(batch);
        Assert.Equal([7L, 8, 9, 1], _inputs.Ids.Values.ToArray());
        Assert.Equal([0, 3, 4], _inputs.CumulativeLengths.Values.ToArray());
        Assert.Equal([15, 0], _inputs.PastLengths.Values.ToArray());
        // A context of 64 tokens is four blocks, whatever the sequences have.
        Assert.Equal((2, 4), (_inputs.BlockTable.Rows, _inputs.BlockTable.Columns));
        // 18 tokens take two of the three blocks.
        Assert.Equal([5, 6], _inputs.BlockTable.Values[..2].ToArray());
        Assert.Equal(2, _inputs.BlockTable.Values[4]);
    }

    [Fact]
    public void Fill_SequenceLongerThanAnEntry_BecomesSeveralBehindEachOther()
    {
        _inputs.EntryTokens = 3;
        var batch = new StepBatch(8, 3, 4);
        batch.Add([7], 4, [3]);
        batch.Add([1, 2, 3, 4, 5, 6, 7], 15, [5, 6, 7]);
        _inputs.Fill(batch);
        Assert.Equal(4, _inputs.EntryCount);
        Assert.Equal([0, 1, 4, 7, 8], _inputs.CumulativeLengths.Values.ToArray());
        Assert.Equal([4, 15, 18, 21], _inputs.PastLengths.Values.ToArray());
        for (int entry = 1; entry < 4; entry++)
            Assert.Equal([5, 6], _inputs.BlockTable.Values.Slice(entry * 4, 2).ToArray());
        _inputs.EntryTokens = int.MaxValue;
        _inputs.Fill(batch);
        Assert.Equal([0, 1, 8], _inputs.CumulativeLengths.Values.ToArray());
    }

    [Fact]
    public void Fill_BlockBehindTheLast_IsRefused()
    {
        var batch = new StepBatch(8, 3, 4);
        batch.Add([1], 0, [8]);
        _inputs.Fill(batch);
        batch.Add([1], 0, [9]);
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => _inputs.Fill(batch));
        Assert.Equal("Sequence 1 of the step names block 9; the cache has 0 to 8.", refusal.Message);
    }

    [Fact]
    public void Fill_MoreThanTheLimits_IsRefused()
    {
        var batch = new StepBatch(20, 20, 4);
        Assert.Contains("A step of 0 tokens of 0 sequences", Assert.Throws<ArgumentException>(() => _inputs.Fill(batch)).Message);
        for (int i = 0; i < 4; i++)
            batch.Add([1], 0, [0]);
        Assert.Contains("at most 3 sequences", Assert.Throws<ArgumentException>(() => _inputs.Fill(batch)).Message);
        batch.Clear();
        batch.Add([1, 1, 1, 1, 1, 1, 1, 1, 1], 0, [0]);
        Assert.Contains("1 to 8 tokens", Assert.Throws<ArgumentException>(() => _inputs.Fill(batch)).Message);
    }
}
