using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

public class PagedAttentionOperatorTests
{
    private static readonly ServedGraph Graph = ServedGraph.Build(ModelFolder.Read(Repository.TinyR1));

    [Theory]
    [InlineData(3, 4, 2, 64, "layer 3 (4 heads over 2 key heads of 64) does not fit a cache of 3 layers (4 heads over 2 key heads of 64)")]
    [InlineData(4, 8, 2, 64, "layer 0 (4 heads over 2 key heads of 64) does not fit a cache of 4 layers (8 heads over 2 key heads of 64)")]
    [InlineData(4, 4, 4, 64, "layer 0 (4 heads over 2 key heads of 64) does not fit a cache of 4 layers (4 heads over 4 key heads of 64)")]
    [InlineData(4, 4, 2, 32, "layer 0 (4 heads over 2 key heads of 64) does not fit a cache of 4 layers (4 heads over 2 key heads of 32)")]
    public void Create_PoolOfAnotherShape_FailsWithItsReason(int layers, int heads, int kvHeads, int size, string expected)
    {
        using var pool = new KvPool(new AttentionShape(heads, kvHeads, size), layers, blockCount: 2, blockTokens: 16, maxStepTokens: 8);
        OnnxRuntimeException failure = Assert.Throws<OnnxRuntimeException>(() => new CpuSession(Graph.Model, Graph.DataFolder, pool, threads: 1));
        Assert.Contains(expected, failure.Message);
    }

    [Fact]
    public void Sessions_MadeAndFreedOverAndOver_LeaveTheLibraryUsable()
    {
        for (int round = 0; round < 10; round++)
        {
            using var pool = new KvPool(Graph.Shape, Graph.LayerCount, blockCount: 2, blockTokens: 16, maxStepTokens: 8);
            using var session = new CpuSession(Graph.Model, Graph.DataFolder, pool, threads: 2);
            Assert.Equal(6, session.Session.InputMetadata.Count);
            Assert.Equal([-1, 256], session.Session.OutputMetadata["hidden"].Dimensions);
            Assert.Equal([-1, 2048], session.Session.OutputMetadata["logits"].Dimensions);
        }
    }
}
