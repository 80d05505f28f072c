using LocalInference.Core.Execution;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Runner;

/// <summary>
/// Paged folders' mixed batches (prefill, chunks, decode, blocks given to another sequence) against a numpy evaluation of the same graph.
/// </summary>
public class PagedStepsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("qwen2-fp16-cuda-paged", 1e-3)]
    [InlineData("qwen2-int4-cuda-paged", 0.6)]
    [InlineData("qwen2-int4-cuda-paged-pruned", 0.6)]
    [InlineData("qwen3-int4-cuda-paged", 0.6)]
    public void Steps_MixedBatches_EqualTheEvaluation(string name, double tolerance)
    {
        string path = ReferenceData.PathOf("onnx", name);
        var steps = new Safetensors(Path.Combine(path, "paged_steps.safetensors"));
        OnnxModel model = OnnxModel.Load(path, new OnnxModelOptions(), NullLogger.Instance);
        using IModelRunner runner = model.CreateRunner(new RunnerOptions { BlockTokens = 16 });
        double worst = 0;
        for (int step = 0; step < 5; step++)
            worst = Math.Max(worst, Compare(runner, steps, $"step.{step}"));
        output.WriteLine($"{name}: logits within {worst:g3}");
        Assert.True(worst <= tolerance, $"logits differ by {worst}");
    }

    private static double Compare(IModelRunner runner, Safetensors steps, string step)
    {
        int[] ids = [.. steps.Longs($"{step}.input_ids").Select(i => (int)i)];
        int[] starts = steps.Ints($"{step}.cumulative_sequence_lengths"), past = steps.Ints($"{step}.past_sequence_lengths");
        int[] table = steps.Ints($"{step}.block_table");
        int width = table.Length / past.Length;
        StepBatch batch = Batches.For(runner);
        for (int s = 0; s < past.Length; s++)
        {
            int length = starts[s + 1] - starts[s];
            batch.Add(ids.AsSpan(starts[s], length), past[s], table.AsSpan(s * width, runner.Capabilities.Kv.BlocksFor(past[s] + length)));
            batch.Want(new OutputRow(starts[s + 1] - 1, RowWant.Logits));
        }
        IStepResult result = runner.Run(batch);
        float[] last = LastRows(steps, step, starts, result.Logits(0).Length);
        return Enumerable.Range(0, past.Length).Max(s => Worst(result.Logits(s), last.AsSpan(s * result.Logits(s).Length)));
    }

    /// <summary>
    /// Some folders have the logits of every row, some of each sequence's last, pruned ones of the rows that the step asks for.
    /// </summary>
    private static float[] LastRows(Safetensors steps, string step, int[] starts, int vocabulary)
    {
        if (steps.Has($"{step}.logits_last"))
            return steps.Floats($"{step}.logits_last");
        float[] all = steps.Floats($"{step}.logits");
        int[] rows = steps.Has($"{step}.logits_indices") ? steps.Ints($"{step}.logits_indices") : [.. Enumerable.Range(0, starts[^1])];
        return [.. starts.Skip(1).SelectMany(s => all.AsSpan(Array.IndexOf(rows, s - 1) * vocabulary, vocabulary).ToArray())];
    }

    private static double Worst(ReadOnlySpan<float> found, ReadOnlySpan<float> expected)
    {
        double worst = 0;
        for (int i = 0; i < found.Length; i++)
            worst = Math.Max(worst, Math.Abs(found[i] - expected[i]));
        return worst;
    }
}
