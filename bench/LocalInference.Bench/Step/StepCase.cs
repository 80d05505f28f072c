using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace LocalInference.Bench.Step;

/// <summary>One kind of step: how many sequences get how many new tokens behind how many that are in the cache.</summary>
/// <param name="Name">As it was asked for.</param>
/// <param name="Sequences">Sequences in the step.</param>
/// <param name="NewTokens">New tokens of each; the last one's row is wanted, greedily.</param>
/// <param name="PastTokens">Tokens of each in the cache.</param>
internal sealed record StepCase(string Name, int Sequences, int NewTokens, int PastTokens)
{
    public const int MaxTokens = 65_536;
    public const int MaxSequences = 4_096;
    private const int MaxPast = 10_000_000;
    private const int DefaultContext = 128;

    /// <summary>Up to so many sequences decoding is bound by reading weights; beyond, by arithmetic.</summary>
    private const int MaxReadingBoundSequences = 4;

    /// <summary>Tokens of the step.</summary>
    public int Tokens => Sequences * NewTokens;

    /// <summary>Whether reading memory limits it, rather than arithmetic.</summary>
    public bool IsReadingBound => NewTokens == 1 && Sequences <= MaxReadingBoundSequences;

    /// <summary>Reads <c>prefill:TOKENS[@PAST]</c> or <c>decode:SEQUENCES[@CONTEXT]</c>.</summary>
    /// <param name="text">One case.</param>
    /// <param name="found">The case.</param>
    /// <param name="fault">What is wrong, and what is allowed.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out StepCase? found, [NotNullWhen(false)] out string? fault)
    {
        found = null;
        string[] parts = text.Split(':');
        bool isPrefill = parts[0] == "prefill";
        fault = $"the case '{text}' is none; write prefill:TOKENS[@PAST] (1 to {MaxTokens} tokens) or decode:SEQUENCES[@CONTEXT] "
            + $"(1 to {MaxSequences} sequences), for example prefill:512 or decode:8@1000.";
        if (parts.Length != 2 || (!isPrefill && parts[0] != "decode")) return false;
        string[] numbers = parts[1].Split('@');
        int past = isPrefill ? 0 : DefaultContext;
        if (numbers.Length > 2
            || !TryParse(numbers[0], 1, isPrefill ? MaxTokens : MaxSequences, out int count)
            || (numbers.Length == 2 && !TryParse(numbers[1], 0, MaxPast, out past)))
            return false;
        found = isPrefill ? new StepCase(text, 1, count, past) : new StepCase(text, count, 1, past);
        fault = null;
        return true;
    }

    private static bool TryParse(string text, int min, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;
}

/// <summary>The cases of a run; a type of its own so that the help shows them as they are written.</summary>
internal sealed record StepCases(IReadOnlyList<StepCase> Values)
{
    public static StepCases Default { get; } = Parse("prefill:128,prefill:512,decode:1,decode:8,decode:32,decode:8@1000");

    /// <summary>Reads a list that is known to be right.</summary>
    public static StepCases Parse(string list) => new([.. list.Split(',').Select(text =>
        StepCase.TryParse(text, out StepCase? found, out string? fault) ? found : throw new FormatException(fault))]);

    public override string ToString() => string.Join(',', Values.Select(c => c.Name));
}
