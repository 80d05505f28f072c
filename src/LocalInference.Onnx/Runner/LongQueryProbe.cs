using System.Numerics.Tensors;
using LocalInference.Core.Execution;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Finds out whether the device's attention is right for many new tokens of a sequence at once. ONNX Runtime 1.30's WebGPU kernel for 32 or
/// more is right only for as many rows of each tile as a subgroup has threads, and devices with subgroups of less than 32 exist (measured
/// with 4, 8 and 16). Takes two steps at start-up.
/// </summary>
internal static class LongQueryProbe
{
    /// <summary>Tokens that are always attended to by the kernel that is right.</summary>
    public const int SafeTokens = 31;

    private const int PromptTokens = 64;

    /// <summary>
    /// What rounding to 16 bits explains by far, and wrong attention exceeds by far (0.002 and 0.2 were measured), of the logits' size.
    /// </summary>
    private const float Tolerance = 0.05f;

    /// <summary>Runs the probe and divides long queries from then on, where it must be.</summary>
    /// <param name="runner">Fresh; what the probe leaves in its cache means nothing.</param>
    /// <returns>Whether long queries are right.</returns>
    public static bool Run(DeviceModelRunner runner)
    {
        RunnerCapabilities limits = runner.Capabilities;
        int tokens = Math.Min(PromptTokens, Math.Min(limits.MaxStepTokens, limits.ContextTokens));
        if (tokens <= SafeTokens)
            return true;
        int blocks = limits.Kv.BlocksFor(tokens);
        var batch = new StepBatch(tokens, maxSequences: 1, blocks);
        int[] prompt = [.. Enumerable.Range(1, tokens).Select(i => (int)(i * 2654435761L % limits.VocabularySize))];
        batch.Add(prompt, 0, [.. Enumerable.Range(0, blocks)]);
        for (int token = 0; token < tokens; token++)
            batch.Want(new OutputRow(token, RowWant.Logits));
        float[] together = Logits(runner, batch);
        runner.EntryTokens = SafeTokens;
        float[] divided = Logits(runner, batch);
        bool isRight = TensorPrimitives.Distance<float>(together, divided) <= Tolerance * TensorPrimitives.Norm<float>(divided);
        runner.EntryTokens = isRight ? int.MaxValue : SafeTokens;
        return isRight;
    }

    private static float[] Logits(DeviceModelRunner runner, StepBatch batch)
    {
        runner.Submit(batch);
        IStepResult result = runner.Complete();
        var logits = new List<float>();
        for (int row = 0; row < batch.RowCount; row++)
            logits.AddRange(result.Logits(row));
        return [.. logits];
    }
}
