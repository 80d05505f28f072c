using CsCheck;
using LocalInference.Onnx.Runner;

namespace LocalInference.Onnx.Tests.Runner;

public class TopKSelectorTests
{
    [Fact]
    public void Select_AnyLogitsWithTies_EqualsASort() =>
        Gen.Select(Gen.Int[-6, 6].Array[1, 200], Gen.Int[1, 200]).Sample((numbers, wanted) =>
        {
            float[] logits = [.. numbers.Select(n => n / 2f)];
            int count = Math.Min(wanted, logits.Length);
            int[] tokens = new int[count];
            float[] values = new float[count];
            TopKSelector.Select(logits, tokens, values);
            int[] expected = [.. Enumerable.Range(0, logits.Length).OrderByDescending(t => logits[t]).ThenBy(t => t).Take(count)];
            Assert.Equal(expected, tokens);
            Assert.Equal(expected.Select(t => logits[t]), values);
            Assert.Equal(expected[0], TopKSelector.Likeliest(logits));
        });

    /// <summary>Rows of many stretches, most of which hold nothing wanted; ties across them.</summary>
    [Fact]
    public void Select_LongRows_EqualASort() =>
        Gen.Select(Gen.Int[1, 5000], Gen.Int[1, 1500], Gen.Int[1, 1000], Gen.Int).Sample(
            (length, wanted, kinds, seed) =>
            {
                var random = new Random(seed);
                float[] logits = [.. Enumerable.Range(0, length).Select(_ => random.Next(kinds) * MathF.Sign(random.Next(-1, 2)))];
                int count = Math.Min(wanted, length);
                int[] tokens = new int[count];
                float[] values = new float[count];
                TopKSelector.Select(logits, tokens, values);
                Assert.Equal(Enumerable.Range(0, length).OrderByDescending(t => logits[t]).ThenBy(t => t).Take(count), tokens);
                Assert.Equal(tokens.Select(t => logits[t]), values);
                Assert.Equal(tokens[0], TopKSelector.Likeliest(logits));
            },
            iter: 200);

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(300)]
    [InlineData(999)]
    public void Select_OneIsNoNumber_IsAnError(int at)
    {
        float[] logits = [.. Enumerable.Range(0, 1000).Select(i => (float)i)];
        logits[at] = float.NaN;
        Assert.Throws<InvalidOperationException>(() => TopKSelector.Likeliest(logits));
        Assert.Throws<InvalidOperationException>(() => TopKSelector.Select(logits, new int[5], new float[5]));
    }

    [Fact]
    public void Select_InfiniteLogits_AreNumbers()
    {
        float[] logits = [.. Enumerable.Repeat(float.NegativeInfinity, 600)];
        logits[500] = float.PositiveInfinity;
        int[] tokens = new int[3];
        TopKSelector.Select(logits, tokens, new float[3]);
        Assert.Equal([500, 0, 1], tokens);
        Assert.Equal(500, TopKSelector.Likeliest(logits));
    }

    [Fact]
    public void Select_NotNumbers_IsAnError()
    {
        float[] logits = [.. Enumerable.Repeat(float.NaN, 50)];
        Assert.Contains("NaN", Assert.Throws<InvalidOperationException>(() => TopKSelector.Likeliest(logits)).Message);
        Assert.Throws<InvalidOperationException>(() => TopKSelector.Select(logits, new int[5], new float[5]));
    }
}
