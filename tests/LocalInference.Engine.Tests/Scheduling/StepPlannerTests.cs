using CsCheck;
using LocalInference.Engine.Scheduling;

namespace LocalInference.Engine.Tests.Scheduling;

public sealed class StepPlannerTests
{
    [Fact]
    public void Plan_DecodeRowsOnly_TakesThemAll() => Assert.Equal([1, 1, 1], Plan(budget: 512, 1, 1, 1));

    [Fact]
    public void Plan_PrefillOnly_FillsTheBudgetOldestFirst() => Assert.Equal([30, 20, 0], Plan(budget: 50, 30, 40, 50));

    [Fact]
    public void Plan_DecodeAndPrefill_GivesPrefillTheRest() => Assert.Equal([1, 14, 1], Plan(budget: 16, 1, 100, 1));

    [Fact]
    public void Plan_MoreDecodeRowsThanBudget_KeepsAQuarterForPrefill() =>
        Assert.Equal([1, 1, 1, 1, 1, 1, 0, 0, 2], Plan(budget: 8, 1, 1, 1, 1, 1, 1, 1, 1, 100));

    [Fact]
    public void Plan_LittlePrefill_LeavesItsShareToDecode() => Assert.Equal([1, 1, 1, 1, 1, 1, 2], Plan(budget: 8, 1, 1, 1, 1, 1, 1, 2));

    [Fact]
    public void Plan_BudgetOfOne_AlternatesBetweenDecodeAndPrefill()
    {
        PlannedSequence[] sequences = Sequences(1, 50, 1);
        StepTurn turn = StepTurn.First;
        List<int> served = [];
        for (int step = 0; step < 6; step++)
        {
            int[] chunks = new int[3];
            turn = StepPlanner.Plan(sequences, 1, turn, chunks);
            served.Add(Array.IndexOf(chunks, 1));
        }
        Assert.Equal([0, 1, 2, 1, 0, 1], served);
    }

    [Fact]
    public void Plan_AnyLoad_KeepsToTheBudgetAndWastesNothing() =>
        Gen.Select(Gen.OneOf(Gen.Const(1), Gen.Int[1, 600]).Array[1, 64], Gen.Int[1, 512], Gen.Int[-1, 70], Gen.Bool).Sample((pending, budget, last, isPrefills) =>
        {
            int[] chunks = new int[pending.Length];
            StepPlanner.Plan(Sequences(pending), budget, new StepTurn(last, isPrefills), chunks);
            Assert.All(chunks.Zip(pending), c => Assert.InRange(c.First, 0, c.Second));
            Assert.Equal(Math.Min(budget, pending.Sum()), chunks.Sum());
            if (budget == 1) return;
            if (pending.Contains(1)) Assert.Contains(chunks.Zip(pending), c => c.Second == 1 && c.First == 1);
            if (pending.Any(p => p > 1)) Assert.Contains(chunks.Zip(pending), c => c.Second > 1 && c.First > 0);
        });

    [Fact]
    public void Plan_ManySteps_ServesEveryDecodeRowWithinARound() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 12], Gen.Bool).Sample((rows, budget, hasPrefill) =>
        {
            int[] pending = [.. Enumerable.Repeat(1, rows), .. hasPrefill ? new[] { 1_000_000 } : []];
            int[] served = new int[pending.Length];
            StepTurn turn = StepTurn.First;
            int perStep = hasPrefill ? Math.Max(budget - Math.Max(1, budget / 4), 1) : budget;
            int steps = (rows + perStep - 1) / perStep * (hasPrefill && budget == 1 ? 2 : 1);
            for (int step = 0; step < 2 * steps; step++)
            {
                int[] chunks = new int[pending.Length];
                turn = StepPlanner.Plan(Sequences(pending), budget, turn, chunks);
                for (int i = 0; i < chunks.Length; i++) served[i] += chunks[i];
            }
            Assert.All(served, s => Assert.True(s >= 1));
        });

    private static int[] Plan(int budget, params int[] pending)
    {
        int[] chunks = new int[pending.Length];
        StepPlanner.Plan(Sequences(pending), budget, StepTurn.First, chunks);
        return chunks;
    }

    private static PlannedSequence[] Sequences(params int[] pending) => [.. pending.Select((p, i) => new PlannedSequence(i, p))];
}
