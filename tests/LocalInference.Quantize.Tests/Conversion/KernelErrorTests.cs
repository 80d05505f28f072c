using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Quantize.Weights;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Conversion;

/// <summary>How far a 4-bit folder's logits are from fp32: by our kernels not farther than by ONNX Runtime's own.</summary>
public sealed class KernelErrorTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>
    /// Weights and, at level 4, activations are rounded alike by both. What is left (cache, scales, order of additions) moves the part that is
    /// the kernels' by chance, up to 2.5 % either way.
    /// </summary>
    private const double Tolerance = 0.05;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("tiny-r1", 32, true)]
    [InlineData("qwen2", 32, true)]
    [InlineData("qwen2-untied", 32, true)]
    [InlineData("llama", 32, true)]
    [InlineData("llama-mha", 16, false)]
    [InlineData("qwen3", 32, true)]
    public void Convert_ToInt4_IsAsNearAsOnnxRuntimesKernels(string name, int block, bool isSymmetric)
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        string checkpoint = name == "tiny-r1" ? Repository.TinyR1Checkpoint : ReferenceData.PathOf("checkpoints", name);
        string made = _folder.In("made");
        using ModelSource source = ModelSource.Open(checkpoint);
        WeightPlan plan = Conversions.Write(source, made, Conversions.Options(Conversions.Precision(4, block, isSymmetric)));
        IReadOnlyList<int[]> sequences = new EvaluationChoice(null, null).Text(checkpoint, source.Config.VocabularySize, 0)!.Sequences;
        using var ours = new FolderLogits(made, sequences, answers: false);
        using var theirs = new OnnxRuntimeLogits(made, sequences);
        using var checkpointLogits = new CheckpointLogits(source, multipliesAuthorsFactor: true, sequences, cancelled);
        AssertNoFarther("the checkpoint", checkpointLogits);
        // Without the weights' rounding, which is by far the larger part and the same for both.
        using var stored = new StoredWeightSource(
            source.Weights, plan.Jobs.OfType<QuantizedJob>(), Path.Combine(made, GraphBuilder.DataFileName));
        using var storedLogits = new CheckpointLogits(source, stored, multipliesAuthorsFactor: true, sequences, cancelled);
        AssertNoFarther("the stored weights", storedLogits);

        void AssertNoFarther(string what, ILogitSource reference)
        {
            LogitComparison own = LogitComparison.Of(reference, ours, sequences, (_, _) => { }, cancelled);
            LogitComparison other = LogitComparison.Of(reference, theirs, sequences, (_, _) => { }, cancelled);
            output.WriteLine(
                $"{name}: KL from {what} in fp32 {own.MeanKl:G5} nats by our kernels, {other.MeanKl:G5} by ONNX Runtime's "
                + $"({own.MeanKl / other.MeanKl:0.0000} times), {own.Tokens} tokens");
            Assert.InRange(own.MeanKl, 0, other.MeanKl * (1 + Tolerance));
        }
    }

    public void Dispose() => _folder.Dispose();
}
