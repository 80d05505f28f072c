namespace LocalInference.Bench.Step;

/// <summary>The tokens that steps are made of: any do, so long as they differ and every engine gets the same.</summary>
internal static class StepTokens
{
    /// <summary>Knuth's multiplicative constant: a walk over the vocabulary without a pattern that a model would know.</summary>
    private const long Stride = 2_654_435_761;

    private const long SequenceStride = 1_000_003;

    /// <summary>A sequence's token at a position.</summary>
    public static int At(int sequence, int position, int vocabularySize) => (int)((((sequence * SequenceStride) + position + 1) * Stride) % vocabularySize);

    /// <summary>Several, one after the other.</summary>
    public static int[] From(int sequence, int first, int count, int vocabularySize) =>
        [.. Enumerable.Range(first, count).Select(position => At(sequence, position, vocabularySize))];
}
