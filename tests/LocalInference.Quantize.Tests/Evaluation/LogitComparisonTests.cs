using LocalInference.Quantize.Evaluation;

namespace LocalInference.Quantize.Tests.Evaluation;

public sealed class LogitComparisonTests
{
    [Fact]
    public void Of_KnownDistributions_IsTheirDivergenceAndPerplexity()
    {
        // Two tokens of a vocabulary of two: probabilities (3/4, 1/4) against (1/2, 1/2), then (1/2, 1/2) against itself.
        float three = MathF.Log(3);
        LogitComparison result = Compare([three, 0, 5, 5], [1, 1, -2, -2], [0, 1]);
        double first = (0.75 * Math.Log(0.75 / 0.5)) + (0.25 * Math.Log(0.25 / 0.5));
        Assert.Equal(first / 2, result.MeanKl, 1e-6);
        Assert.Equal(first, result.LargestKl, 1e-6);
        // The one prediction is of the second id, 1: a quarter to the reference, a half to the other.
        Assert.Equal(4, result.ReferencePerplexity, 1e-4);
        Assert.Equal(2, result.Perplexity, 1e-4);
        Assert.Equal(2, result.Tokens);
    }

    [Fact]
    public void Of_OneModelTwice_IsNoLoss()
    {
        float[] logits = [1, 2, 3, -4, 0.5f, 2.5f];
        LogitComparison result = Compare([.. logits], [.. logits], [2, 0]);
        Assert.Equal(0, result.LargestKl, 1e-6);
        Assert.Equal(1, result.TopAgreement);
        Assert.Equal(result.ReferencePerplexity, result.Perplexity);
    }

    [Fact]
    public void Of_OtherLikeliestTokens_CountsThem() =>
        Assert.Equal(0.25, Compare([1, 0, 0, 1, 1, 0, 0, 1], [1, 0, 1, 0, 0, 1, 1, 0], [0, 0, 0, 0]).TopAgreement);

    [Fact]
    public void Of_OtherVocabularies_IsRefused() =>
        Assert.Contains("2 and 3 logits", Assert.Throws<QuantizeException>(() => LogitComparison.Of(
            new Given([0, 0], 2), new Given([0, 0, 0], 3), [[0]], (_, _) =>
                { }, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

    private static LogitComparison Compare(float[] a, float[] b, int[] ids) => LogitComparison.Of(
        new Given(a, a.Length / ids.Length), new Given(b, b.Length / ids.Length), [ids], (_, _) =>
            { }, TestContext.Current.CancellationToken);

    private sealed class Given(float[] logits, int vocabulary) : ILogitSource
    {
        public int VocabularySize => vocabulary;

        public float[] Logits(int sequence) => logits;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
