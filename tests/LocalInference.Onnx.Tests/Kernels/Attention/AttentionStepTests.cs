using LocalInference.Onnx.Tests.Testing;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

/// <summary>Steps that the kernel must not believe: each fails with our own words, and the session goes on.</summary>
public class AttentionStepTests
{
    [Theory]
    [InlineData(0, "A step of 3 tokens exceeds the 2 that attention was made for.")]
    [InlineData(1, "cumulative lengths go from 0 to 2, not from 0 to its 3 tokens")]
    [InlineData(2, "Sequence 0 of the step has -1 tokens in the cache")]
    [InlineData(3, "Sequence 0 of the step reaches position 33, but the model has 32.")]
    [InlineData(4, "Sequence 0 of the step takes 20 tokens, but its blocks hold 16.")]
    public void Run_BadStep_FailsWithItsReasonAndGoesOn(int kind, string expected)
    {
        AttentionCase good = Step();
        using var session = new AttentionSession(good, maxStepTokens: kind == 0 ? 2 : 100);
        AttentionCase bad = kind switch
        {
            1 => good with { CumulativeLengths = [0, 2], TokenCount = 3 },
            2 => good with { PastLengths = [-1] },
            3 => good with { PastLengths = [30], BlockTable = [0, 1, 0] },
            4 => good with { PastLengths = [17] },
            _ => good,
        };
        OnnxRuntimeException failure = Assert.Throws<OnnxRuntimeException>(() => session.Run(bad));
        Assert.Contains(expected, failure.Message);
        if (kind != 0)
            Assert.All(session.Run(good), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Run_ABlockTableOfOtherSequences_IsRefused()
    {
        AttentionCase step = Step() with { BlockTable = [0, 1] };
        using var session = new AttentionSession(step);
        OnnxRuntimeException failure = Assert.Throws<OnnxRuntimeException>(() => session.Run(step, tableRows: 2));
        Assert.Contains("block table has 2 rows for 1 sequences", failure.Message);
    }

    /// <summary>Three tokens of one head of 8 in blocks of 16; 32 positions.</summary>
    private static AttentionCase Step() => new()
    {
        Name = "small",
        Shape = new Onnx.Graph.AttentionShape(1, 1, 8),
        BlockTokens = 16,
        Scale = 1,
        Query = new float[24],
        Key = new float[24],
        Value = new float[24],
        KeyCache = new float[2 * 16 * 8],
        ValueCache = new float[2 * 16 * 8],
        Cos = new float[32 * 4],
        Sin = new float[32 * 4],
        BlockTable = [0],
        CumulativeLengths = [0, 3],
        PastLengths = [0],
        TokenCount = 3,
    };
}
