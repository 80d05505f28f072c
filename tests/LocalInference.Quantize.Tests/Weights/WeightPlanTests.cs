using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Tests.Weights;

public sealed class WeightPlanTests
{
    [Fact]
    public void Add_TensorsOfAnySize_BeginAtALineAndLargeOnesAtAPage()
    {
        var plan = new WeightPlan(new SameForAll(new RoundToNearest()));
        StoredTensor small = Add("small", 3), odd = Add("odd", 5), large = Add("large", 1 << 18), last = Add("last", 1);
        Assert.Equal([0, 64, 4096, 4096 + (1 << 20)], ((StoredTensor[])[small, odd, large, last]).Select(t => t.Offset));
        Assert.Equal(last.Offset + 4, plan.Length);

        StoredTensor Add(string name, long columns) => plan.AddTable(name, StoredType.Float32, 1, columns, (_, _) => { });
    }
}
