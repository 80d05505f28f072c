using System.Runtime.Intrinsics;
using System.Text.Json;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

/// <summary>A whole step by every vector width, without ONNX Runtime.</summary>
public unsafe class PagedAttentionTaskTests
{
    [Fact]
    public void Attend_OtherWidths_EqualReference()
    {
        foreach (string name in (string[])["mixed", "head-80", "qk-norm", "no-rotary", "multi-head"])
        {
            JsonElement listed = AttentionCase.Listed().Single(c => c.GetProperty("name").GetString() == name);
            var data = new Safetensors(ReferenceData.PathOf("paged-attention", $"{name}.safetensors"));
            AttentionCase step = AttentionCase.Read(listed, data);
            float[] expected = data.Floats("output");
            foreach (float[] actual in (float[][])[Run<Vector512<float>, Lanes512>(step), Run<Vector256<float>, Lanes256>(step), Run<Vector128<float>, Lanes128>(step)])
                for (int i = 0; i < expected.Length; i++)
                    Assert.True(Math.Abs(expected[i] - actual[i]) <= 2e-6 * (1 + Math.Abs(expected[i])), $"{name}: element {i} is {actual[i]}, expected {expected[i]}");
        }
    }

    private static float[] Run<TVector, TLanes>(AttentionCase step)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        using var pool = new KvPool(step.Shape, 1, step.BlockCount, step.BlockTokens, step.TokenCount);
        PoolContents.Import(pool, step.KeyCache, step.ValueCache);
        float[] output = new float[step.Query.Length];
        fixed (float* query = step.Query, key = step.Key, value = step.Value, cos = step.Cos, sin = step.Sin, queryNorm = step.QueryNorm, keyNorm = step.KeyNorm, to = output)
        fixed (int* cumulative = step.CumulativeLengths, past = step.PastLengths, table = step.BlockTable)
        {
            var node = new AttentionNode
            {
                Memory = pool.Memory, Cos = cos, Sin = sin, QueryNorm = queryNorm, KeyNorm = keyNorm, HeadCount = step.Shape.HeadCount,
                KvHeadCount = step.Shape.KvHeadCount, HeadSize = step.Shape.HeadSize, Scale = step.Scale, NormEpsilon = step.NormEpsilon,
            };
            int keyWidth = step.Shape.KvHeadCount * step.Shape.HeadSize;
            var job = new AttentionJob
            {
                Node = &node, Query = query, Key = key, Value = value, Output = to, CumulativeLengths = cumulative, PastLengths = past, BlockTable = table,
                QueryStride = step.Shape.HeadCount * step.Shape.HeadSize, KeyStride = keyWidth, ValueStride = keyWidth,
                TokenCount = step.TokenCount, SequenceCount = step.SequenceCount, BlockTableWidth = step.BlockTable.Length / step.SequenceCount,
            };
            foreach (bool attends in (bool[])[false, true])
                for (int sequence = 0; sequence < step.SequenceCount; sequence++)
                    for (int kvHead = 0; kvHead < step.Shape.KvHeadCount; kvHead++)
                    {
                        var tile = new Tile(sequence, job.CumulativeLengths[sequence], job.NewTokens(sequence));
                        if (attends)
                            PagedAttentionTask<TVector, TLanes>.Attend(&job, tile, kvHead, new UnitWalk(&job, tile.Sequence, kvHead).At(0));
                        else
                            PagedAttentionTask<TVector, TLanes>.Append(&job, tile, kvHead);
                    }
        }
        return output;
    }
}
