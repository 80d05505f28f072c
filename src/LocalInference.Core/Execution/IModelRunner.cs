namespace LocalInference.Core.Execution;

/// <summary>
/// Runs one model, step by step, over its own paged KV cache. The engine thread is its only user.
/// </summary>
/// <remarks>
/// Not thread-safe. <see cref="Submit"/> and <see cref="Complete"/> alternate. A CPU runner computes inside <see cref="Submit"/>; a GPU
/// runner overlaps. After either has thrown, the step is lost and the runner can be used again: what the cache holds for the step's tokens
/// is undefined until they are run again. In the steady state neither allocates managed memory.
/// </remarks>
public interface IModelRunner : IDisposable
{
    /// <summary>What the runner can do; constant.</summary>
    RunnerCapabilities Capabilities { get; }

    /// <summary>Starts a step. The batch must stay unchanged until <see cref="Complete"/> returns.</summary>
    /// <param name="batch">Within <see cref="Capabilities"/>; at least one token.</param>
    void Submit(StepBatch batch);

    /// <summary>Waits for the step and gives its rows.</summary>
    /// <returns>Valid until the next <see cref="Submit"/>.</returns>
    IStepResult Complete();
}

/// <summary>What the rows of a completed step say; row indices are those of <see cref="StepBatch.Rows"/>.</summary>
public interface IStepResult
{
    /// <summary>The likeliest token of a <see cref="RowWant.Greedy"/> row; the lowest id among equals.</summary>
    int GreedyToken(int row);

    /// <summary>Ids of a <see cref="RowWant.TopK"/> row, likeliest first, lower ids first among equals.</summary>
    ReadOnlySpan<int> TopKTokens(int row);

    /// <summary>Logits of a <see cref="RowWant.TopK"/> row, in the order of <see cref="TopKTokens"/>.</summary>
    ReadOnlySpan<float> TopKLogits(int row);

    /// <summary>All logits of a <see cref="RowWant.Logits"/> row; [vocabulary size].</summary>
    ReadOnlySpan<float> Logits(int row);

    /// <summary>The final hidden state, after the last norm, of a <see cref="RowWant.Hidden"/> row; [hidden size].</summary>
    ReadOnlySpan<float> Hidden(int row);
}

/// <summary>Limits and facts that policies read instead of device names.</summary>
public sealed record RunnerCapabilities
{
    /// <summary>Logits' width.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of a hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Positions the model knows: the longest sequence.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Tokens in one step at most.</summary>
    public required int MaxStepTokens { get; init; }

    /// <summary>Sequences in one step at most.</summary>
    public required int MaxSequences { get; init; }

    /// <summary>The cache's blocks.</summary>
    public required KvLayout Kv { get; init; }

    /// <summary>Blocks in the cache, numbered from 0.</summary>
    public required int BlockCount { get; init; }

    /// <summary>What computes, for people: the instructions or the device.</summary>
    public string Kernels { get; init; } = "";

    /// <summary>Whether a row's result is bit-identical in every batch and chunking.</summary>
    public required bool IsBatchInvariant { get; init; }
}
