using System.Numerics.Tensors;

namespace LocalInference.Quantize.Evaluation;

/// <summary>How far one model's logits are from another's, over a text.</summary>
/// <param name="Tokens">Positions compared.</param>
/// <param name="MeanKl">Mean divergence KL(reference ‖ other), in nats.</param>
/// <param name="LargestKl">At the worst position.</param>
/// <param name="TopAgreement">Share of positions whose likeliest token is the same.</param>
/// <param name="ReferencePerplexity">Of the text, to the reference.</param>
/// <param name="Perplexity">Of the text, to the other.</param>
internal sealed record LogitComparison(
    int Tokens, double MeanKl, double LargestKl, double TopAgreement, double ReferencePerplexity, double Perplexity)
{
    /// <summary>Compares over all sequences.</summary>
    public static LogitComparison Of(ILogitSource reference, ILogitSource other, IReadOnlyList<int[]> sequences,
        Action<string, long> onCompared, CancellationToken cancellationToken)
    {
        if (reference.VocabularySize != other.VocabularySize)
            throw new QuantizeException(
                $"The models have {reference.VocabularySize} and {other.VocabularySize} logits; only models of one vocabulary can be compared.");
        double kl = 0, largest = 0, referenceLoss = 0, loss = 0;
        int tokens = 0, agreeing = 0, predicted = 0, width = reference.VocabularySize;
        for (int sequence = 0; sequence < sequences.Count; sequence++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] ids = sequences[sequence];
            float[] a = reference.Logits(sequence), b = other.Logits(sequence);
            for (int token = 0; token < ids.Length; token++)
            {
                Span<float> p = a.AsSpan(token * width, width), q = b.AsSpan(token * width, width);
                agreeing += TensorPrimitives.IndexOfMax<float>(p) == TensorPrimitives.IndexOfMax<float>(q) ? 1 : 0;
                ToLogProbabilities(p);
                ToLogProbabilities(q);
                double divergence = Divergence(p, q);
                kl += divergence;
                largest = Math.Max(largest, divergence);
                if (token + 1 == ids.Length)
                    continue;
                referenceLoss -= p[ids[token + 1]];
                loss -= q[ids[token + 1]];
                predicted++;
            }
            tokens += ids.Length;
            onCompared("logits", ids.Length);
        }
        return new LogitComparison(tokens, kl / tokens, largest, (double)agreeing / tokens,
            Math.Exp(referenceLoss / Math.Max(1, predicted)), Math.Exp(loss / Math.Max(1, predicted)));
    }

    private static void ToLogProbabilities(Span<float> logits)
    {
        float most = TensorPrimitives.Max<float>(logits);
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - most);
        TensorPrimitives.Subtract(logits, most + (float)Math.Log(sum), logits);
    }

    private static double Divergence(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
            sum += Math.Exp(p[i]) * (p[i] - q[i]);
        return Math.Max(0, sum);
    }
}
