using LocalInference.Core.Execution;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

public class AllocationTests
{
    [Fact]
    public void Decode_SteadyState_AllocatesNothing()
    {
        using DeviceModelRunner runner = WebGpu.Runner(Repository.TinyR1);
        StepBatch batch = Batches.For(runner);
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (int step = 0; step < 8; step++)
            {
                batch.Clear();
                batch.Add([5], step, [0]);
                batch.Want(new OutputRow(0, RowWant.Greedy));
                // Now and then the shapes change.
                if (step % 3 == 0)
                    batch.Want(new OutputRow(batch.Add([9], 0, [1]), RowWant.Logits));
                runner.Submit(batch);
                runner.Complete();
            }
        }));
    }
}
