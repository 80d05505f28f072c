using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Graph;

public class CostCountingTests
{
    /// <summary>
    /// tiny-r1: 4 layers, hidden 256, 4 heads over 2 of 64, vocabulary 2,048; what its last layer does behind its attention runs on wanted
    /// rows only.
    /// </summary>
    [Fact]
    public void Cost_TinyR1_CountsEveryProductOnce()
    {
        ModelCost cost = TinyR1.Load().Cost;
        Assert.Equal(2048 * 256, cost.LogitsRows.MultiplyAdds);
        long qkv = 512 * 256, behind = cost.OutputRows.MultiplyAdds;
        Assert.Equal((4 * qkv) + (3 * behind), cost.Tokens.MultiplyAdds);
        Assert.Equal((10 * cost.Tokens.MultiplyAdds) + (3 * (behind + (2048 * 256))), cost.MultiplyAdds(tokens: 10, rows: 3));
        // 4 bits in blocks of 32 with scales of 16: 4.5 bits a weight.
        Assert.Equal((cost.Tokens.MultiplyAdds + behind + cost.LogitsRows.MultiplyAdds) * 9 / 16, cost.WeightBytes);
    }
}
