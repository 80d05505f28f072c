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

    [Fact]
    public void Select_NotNumbers_IsAnError()
    {
        float[] logits = [.. Enumerable.Repeat(float.NaN, 50)];
        Assert.Contains("NaN", Assert.Throws<InvalidOperationException>(() => TopKSelector.Likeliest(logits)).Message);
        Assert.Throws<InvalidOperationException>(() => TopKSelector.Select(logits, new int[5], new float[5]));
    }
}
