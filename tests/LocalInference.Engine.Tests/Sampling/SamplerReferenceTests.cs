using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Engine.Sampling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Sampling;

public sealed class SamplerReferenceTests
{
    private static readonly string[] Applied = ["temperature", "min_p", "top_k", "top_p"];
    private static readonly string[] Unapplied = ["allowed", "logit_bias", "repetition_penalty", "frequency_penalty", "presence_penalty"];

    [Fact]
    public void Narrow_EveryReferenceCaseOfItsParameters_GivesItsProbabilities()
    {
        Dictionary<string, float[]> logits = JsonSerializer.Deserialize<Dictionary<string, float[]>>(
            File.ReadAllText(ReferenceData.PathOf("sampling", "logits.json")))!;
        int checkedCases = 0;
        foreach (string line in File.ReadLines(ReferenceData.PathOf("sampling", "cases.jsonl")))
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            if (Unapplied.Any(p => row.TryGetProperty(p, out _))) continue;
            Check(row, logits[row.GetProperty("logits").GetString()!]);
            checkedCases++;
        }
        Assert.Equal(200, checkedCases);
    }

    private static void Check(JsonElement row, float[] logits)
    {
        string id = row.GetProperty("id").GetString()!;
        double[] values = [.. Applied.Select(p => row.TryGetProperty(p, out JsonElement v) ? v.GetDouble() : p is "temperature" or "top_p" ? 1 : 0)];
        SamplingParameters parameters = new(values[0], MinP: values[1], TopK: (int)values[2], TopP: values[3], Seed: 1);
        Dictionary<int, double> expected = row.GetProperty("probabilities").EnumerateObject()
            .ToDictionary(p => int.Parse(p.Name), p => p.Value.GetDouble());
        Dictionary<int, double> found = Probabilities(logits, parameters);
        Assert.True(expected.Keys.Order().SequenceEqual(found.Keys.Order()), $"{id}: {found.Count} tokens can be drawn instead of {expected.Count}.");
        foreach ((int token, double p) in expected)
            Assert.True(Math.Abs(found[token] - p) <= 1e-5, $"{id}: token {token} has {found[token]} instead of {p}.");
    }

    private static Dictionary<int, double> Probabilities(float[] logits, SamplingParameters parameters)
    {
        Sampler sampler = new(logits.Length);
        if (parameters.IsGreedy)
        {
            Assert.True(sampler.TrySample(logits, parameters, 0, out int token));
            return new Dictionary<int, double> { [token] = 1 };
        }
        double[] weights = PlainSampler.WeightsOf(sampler.Narrow(logits, parameters), logits.Length);
        double total = weights.Sum();
        return Enumerable.Range(0, logits.Length).Where(i => weights[i] > 0).ToDictionary(i => i, i => weights[i] / total);
    }
}
