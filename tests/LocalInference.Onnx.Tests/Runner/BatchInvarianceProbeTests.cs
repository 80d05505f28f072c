using LocalInference.Core.Execution;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Runner;

public class BatchInvarianceProbeTests
{
    [Fact]
    public void Run_TinyR1_IsInvariant()
    {
        using IModelRunner runner = TinyR1.Runner();
        Assert.True(BatchInvarianceProbe.Run(runner));
    }

    [Fact]
    public void Run_RowsThatDependOnTheirNumber_AreFound()
    {
        using IModelRunner runner = TinyR1.Runner();
        Assert.False(BatchInvarianceProbe.Run(new Disturbed(runner)));
    }

    [Fact]
    public void Run_NoRoomForCompany_ClaimsNothing()
    {
        using IModelRunner runner = TinyR1.Runner(new RunnerOptions { MaxSequences = 1 });
        Assert.False(runner.Capabilities.IsBatchInvariant);
    }

    /// <summary>Changes the last bit of one logit when exactly eight rows run, as a kernel with its own way for tiles would.</summary>
    private sealed class Disturbed(IModelRunner runner) : IModelRunner, IStepResult
    {
        private IStepResult? _result;
        private int _rows;

        public RunnerCapabilities Capabilities => runner.Capabilities;

        public void Submit(StepBatch batch)
        {
            _rows = batch.RowCount;
            runner.Submit(batch);
        }

        public IStepResult Complete()
        {
            _result = runner.Complete();
            return this;
        }

        public ReadOnlySpan<float> Logits(int row)
        {
            float[] logits = _result!.Logits(row).ToArray();
            if (_rows == 8)
                logits[^1] = MathF.BitIncrement(logits[^1]);
            return logits;
        }

        public int GreedyToken(int row) => _result!.GreedyToken(row);

        public ReadOnlySpan<int> TopKTokens(int row) => _result!.TopKTokens(row);

        public ReadOnlySpan<float> TopKLogits(int row) => _result!.TopKLogits(row);

        public ReadOnlySpan<float> Hidden(int row) => _result!.Hidden(row);

        public void Dispose()
        {
        }
    }
}
