using LocalInference.Engine.Sampling;

namespace LocalInference.Engine.Tests.Sampling;

public sealed class LogitBucketsTests
{
    /// <summary>The indexes are used unchecked: none may lie elsewhere, whatever a span's width comes to.</summary>
    [Theory]
    [InlineData(-3f, 5f)]
    [InlineData(1f, 1f)]
    [InlineData(0f, 1e-45f)]
    [InlineData(0f, float.MaxValue)]
    [InlineData(float.MinValue, float.MaxValue)]
    public void Find_AnySpan_GivesBucketsAndPlacesOutsideOnly(float low, float high)
    {
        float[] stride = new float[Strides.Length];
        stride.AsSpan().Fill(float.NegativeInfinity);
        float[] inside = [low, high, low / 2 + high / 2];
        inside.CopyTo(stride, 0);
        LogitBuckets buckets = new();
        buckets.Clear(low, high);
        int[] found = buckets.Find(stride).ToArray();
        Assert.All(found[..inside.Length], index => Assert.InRange(index, 0, LogitBuckets.Count - 1));
        Assert.All(found[inside.Length..], index => Assert.InRange(index, LogitBuckets.Count, LogitBuckets.Count + 15));
    }
}
