using LocalInference.Core.Execution;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Runner;

/// <summary>Alone in the process while it runs: the second figure counts every thread.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public class AllocationCollection;

[Collection(nameof(AllocationTests))]
public class AllocationTests(ITestOutputHelper output)
{
    [Fact]
    public void Decode_SteadyState_AllocatesNothing()
    {
        using IModelRunner runner = TinyR1.Runner();
        StepBatch batch = Batches.For(runner);
        int[][] blocks = [.. Enumerable.Range(0, 8).Select(s => new[] { s * 4, (s * 4) + 1, (s * 4) + 2, (s * 4) + 3 })];
        int[] tokens = [.. Enumerable.Repeat(20, 8)];
        int past = 0;
        // Warm: shapes alternate below as well, so that rebinding is inside what is measured.
        Decode(40);
        Assert.Equal(0, AllocatedBytes.Least(() => Decode(100)));
        // The test runner's own threads write a progress line now and then; a step that allocated would count at least 24 bytes a step, every time.
        long process = long.MaxValue;
        for (int run = 0; run < 10 && process >= 100 * 24; run++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Decode(100);
            process = GC.GetTotalAllocatedBytes(precise: true) - before;
            output.WriteLine($"{process} bytes in 100 steps, all threads");
        }
        Assert.True(process < 100 * 24, $"{process} bytes in 100 steps");

        void Decode(int steps)
        {
            for (int step = 0; step < steps; step++, past++)
            {
                batch.Clear();
                int sequences = step % 2 == 0 ? 8 : 7;
                for (int s = 0; s < sequences; s++)
                    batch.Want(new OutputRow(batch.Add(tokens.AsSpan(s, 1), past % 250, blocks[s]), (RowWant)(s % 4), s % 4 == 1 ? 20 : 0));
                runner.Submit(batch);
                IStepResult result = runner.Complete();
                for (int s = 0; s < sequences; s += 4)
                    tokens[s] = result.GreedyToken(s);
            }
        }
    }
}
