using LocalInference.Quantize.Chance;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Evaluation;

public sealed class EvaluationTextTests
{
    [Fact]
    public void WithoutCalibration_Questions_AreAllButThoseThatCalibrationSees()
    {
        int[][] sequences = [.. Enumerable.Range(0, 10).Select(i => new[] { i })];
        var text = new EvaluationText("ten", sequences, [.. sequences.Select(s => new Question("", s, [], "", false, ""))]);
        Assert.Equal([0, 3, 6, 9], text.ForCalibration().Sequences.Select(s => s[0]));
        Assert.Equal([1, 2, 4, 5, 7, 8], text.WithoutCalibration().Sequences.Select(s => s[0]));
    }

    [Theory]
    [InlineData(null, 200_000_000, 2000)]
    [InlineData(null, 200_000_001, 250)]
    [InlineData(30, 200_000_001, 30)]
    public void Text_NothingNamed_IsLessForLargeModels(int? tokens, long weights, int expected)
    {
        using var folder = new TemporaryFolder();
        RandomTokenizer.Write(folder.Output("tokenizer"), 100);
        EvaluationText text = new EvaluationChoice(tokens, null).Text(folder.In("tokenizer"), 300, weights)!;
        Assert.Equal(expected, text.Sequences.Sum(s => s.Length));
        Assert.Equal($"{expected} random ids, seed 1", text.Description);
    }
}
