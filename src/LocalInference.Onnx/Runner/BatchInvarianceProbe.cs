using System.Runtime.InteropServices;
using LocalInference.Core.Execution;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Finds out whether a row's result is the same, bit for bit, alone and beside others: ONNX Runtime's kernels for some weight formats
/// choose their arithmetic by the number of rows. Takes a dozen short steps at start-up.
/// </summary>
internal static class BatchInvarianceProbe
{
    private const int PromptTokens = 9;

    // Rows beside the probed one: numbers at which kernels change their way (one, odd, a tile and one more).
    private static readonly int[] Companions = [1, 2, 3, 7, 16, 31];

    /// <summary>Runs the probe.</summary>
    /// <param name="runner">A fresh runner; what the probe leaves in its cache means nothing.</param>
    /// <returns>False also where the runner is too small for any company, since nothing is known then.</returns>
    public static bool Run(IModelRunner runner)
    {
        RunnerCapabilities limits = runner.Capabilities;
        if (limits.MaxStepTokens < PromptTokens + 1 || limits.MaxSequences < 2
            || limits.ContextTokens <= PromptTokens || limits.BlockCount < 2)
            return false;
        var batch = new StepBatch(limits.MaxStepTokens, limits.MaxSequences, limits.Kv.BlocksFor(limits.ContextTokens));
        float[] prefilled = RunStep(runner, batch, past: 0, PromptTokens, companions: 0);
        float[] decoded = RunStep(runner, batch, PromptTokens, tokens: 1, companions: 0);
        foreach (int companions in Companions)
        {
            int allowed = Math.Min(companions, Math.Min(limits.MaxSequences - 1, limits.MaxStepTokens - PromptTokens));
            if (!Same(prefilled, RunStep(runner, batch, past: 0, PromptTokens, allowed))
                || !Same(decoded, RunStep(runner, batch, PromptTokens, tokens: 1, allowed)))
                return false;
        }
        // The prompt again in two chunks.
        RunStep(runner, batch, past: 0, tokens: 4, companions: 1);
        return Same(prefilled, RunStep(runner, batch, past: 4, PromptTokens - 4, companions: 1));
    }

    /// <summary>
    /// The probed sequence in block 0, its companions, of one token each, all in block 1: what they compute is of no interest.
    /// </summary>
    private static float[] RunStep(IModelRunner runner, StepBatch batch, int past, int tokens, int companions)
    {
        Span<int> ids = stackalloc int[PromptTokens];
        for (int i = 0; i < tokens; i++)
            ids[i] = TokenAt(past + i, runner.Capabilities.VocabularySize);
        batch.Clear();
        int half = companions / 2;
        for (int i = 0; i < half; i++)
            batch.Add([TokenAt(100 + i, runner.Capabilities.VocabularySize)], 0, [1]);
        int first = batch.Add(ids[..tokens], past, [0]);
        for (int i = half; i < companions; i++)
            batch.Add([TokenAt(100 + i, runner.Capabilities.VocabularySize)], 0, [1]);
        int row = batch.Want(new OutputRow(first + tokens - 1, RowWant.Logits));
        for (int token = 0; token < batch.TokenCount; token++)
            if (token < first || token >= first + tokens)
                batch.Want(new OutputRow(token, RowWant.Logits));
        runner.Submit(batch);
        return runner.Complete().Logits(row).ToArray();
    }

    /// <summary>Any ids do, so long as they differ: a multiplicative walk over the vocabulary.</summary>
    private static int TokenAt(int index, int vocabularySize) => (int)((index + 1) * 2654435761L % vocabularySize);

    private static bool Same(float[] left, float[] right) =>
        MemoryMarshal.AsBytes<float>(left).SequenceEqual(MemoryMarshal.AsBytes<float>(right));
}
