namespace LocalInference.Engine.Scheduling;

/// <summary>What the planner must know of a running sequence.</summary>
/// <param name="Arrival">Its number in the order of submission.</param>
/// <param name="PendingTokens">Known tokens the model has not read; at least 1. Exactly one is a decode row, more are prefill.</param>
internal readonly record struct PlannedSequence(long Arrival, int PendingTokens)
{
    /// <summary>Whether one token is all it needs.</summary>
    public bool IsDecode => PendingTokens == 1;
}

/// <summary>Whose turn it is where not everybody fits a step; carried from plan to plan.</summary>
/// <param name="LastDecoded">The arrival number at which the last decode row was taken; the next is the one after it.</param>
/// <param name="IsPrefills">With a budget of one token: whether prefill gets it.</param>
internal readonly record struct StepTurn(long LastDecoded, bool IsPrefills)
{
    /// <summary>Nobody has been served yet.</summary>
    public static StepTurn First => new(LastDecoded: -1, IsPrefills: false);
}

/// <summary>
/// Decides who takes part in the next step and with how many tokens: decode rows first, but while prompts wait a share of the budget is
/// prefill's; then prefill, oldest first. Neither a long prompt nor many streams can starve the other. A pure function of counters.
/// </summary>
internal static class StepPlanner
{
    /// <summary>Plans one step.</summary>
    /// <param name="sequences">The running ones, oldest first.</param>
    /// <param name="budget">Tokens of the step at most; at least 1.</param>
    /// <param name="turn">What the plan before returned.</param>
    /// <param name="chunks">Receives each sequence's tokens in this step; 0 = none.</param>
    public static StepTurn Plan(ReadOnlySpan<PlannedSequence> sequences, int budget, StepTurn turn, Span<int> chunks)
    {
        chunks[..sequences.Length].Clear();
        int decodeRows = 0;
        long prefillTokens = 0;
        foreach (PlannedSequence sequence in sequences)
            if (sequence.IsDecode) decodeRows++;
            else prefillTokens += sequence.PendingTokens;

        int decodeBudget = budget - (int)Math.Min(prefillTokens, decodeRows == 0 ? budget : PrefillShare(budget, turn));
        long lastDecoded = PlanDecode(sequences, Math.Min(decodeRows, decodeBudget), decodeRows, turn.LastDecoded, chunks);
        PlanPrefill(sequences, budget - Math.Min(decodeRows, decodeBudget), chunks);
        return new StepTurn(lastDecoded, !turn.IsPrefills);
    }

    private static int PrefillShare(int budget, StepTurn turn) =>
        budget > 1 ? Math.Max(1, budget / EngineDefaults.PrefillShareDivisor) : turn.IsPrefills ? 1 : 0;

    // All rows where they fit; else as many as fit, going round by age from where the last step stopped.
    private static long PlanDecode(ReadOnlySpan<PlannedSequence> sequences, int rows, int decodeRows, long lastDecoded, Span<int> chunks)
    {
        int next = 0;
        if (rows < decodeRows)
            while (next < sequences.Length && sequences[next].Arrival <= lastDecoded) next++;
        for (int visited = 0; rows > 0 && visited < sequences.Length; visited++, next++)
        {
            int i = next % sequences.Length;
            if (!sequences[i].IsDecode) continue;
            chunks[i] = 1;
            lastDecoded = sequences[i].Arrival;
            rows--;
        }
        return lastDecoded;
    }

    private static void PlanPrefill(ReadOnlySpan<PlannedSequence> sequences, int budget, Span<int> chunks)
    {
        for (int i = 0; i < sequences.Length && budget > 0; i++)
        {
            if (sequences[i].IsDecode) continue;
            chunks[i] = Math.Min(sequences[i].PendingTokens, budget);
            budget -= chunks[i];
        }
    }
}
