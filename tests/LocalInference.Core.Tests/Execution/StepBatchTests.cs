using LocalInference.Core.Execution;

namespace LocalInference.Core.Tests.Execution;

public sealed class StepBatchTests
{
    [Fact]
    public void Add_TwoSequences_LaysThemOneAfterTheOther()
    {
        StepBatch batch = new(maxTokens: 8, maxSequences: 2, maxBlocks: 3);
        Assert.Equal(0, batch.Add([5, 6, 7], pastLength: 0, blocks: [2]));
        Assert.Equal(3, batch.Add([9], pastLength: 40, blocks: [0, 1, 4]));
        Assert.Equal([5, 6, 7, 9], batch.TokenIds);
        Assert.Equal([0, 3, 4], batch.CumulativeLengths);
        Assert.Equal([0, 40], batch.PastLengths);
        Assert.Equal([2], batch.Blocks(0));
        Assert.Equal([0, 1, 4], batch.Blocks(1));
    }

    [Fact]
    public void Clear_AfterUse_LeavesNothingOfTheStepBefore()
    {
        StepBatch batch = new(4, 2, 1);
        batch.Add([1, 2], 0, [0]);
        batch.Want(new OutputRow(1, RowWant.Greedy));
        batch.Clear();
        Assert.Equal((0, 0, 0), (batch.TokenCount, batch.SequenceCount, batch.RowCount));
        Assert.Equal([0], batch.CumulativeLengths);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 3)]
    public void Add_WhatDoesNotFit_IsRefusedAndChangesNothing(int tokens, int blocks)
    {
        StepBatch batch = new(maxTokens: 4, maxSequences: 2, maxBlocks: 2);
        Assert.Throws<InvalidOperationException>(() => batch.Add(new int[tokens], 0, new int[blocks]));
        Assert.Equal(0, batch.SequenceCount);
    }

    [Fact]
    public void Want_ATokenOutsideTheStep_IsRefused()
    {
        StepBatch batch = new(4, 2, 1);
        batch.Add([1, 2], 0, [0]);
        Assert.Throws<InvalidOperationException>(() => batch.Want(new OutputRow(2, RowWant.Greedy)));
    }
}
