using System.Runtime.Intrinsics;
using CsCheck;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

/// <summary>Contexts that several tasks share.</summary>
public unsafe class PagedAttentionSplitTests(ITestOutputHelper output)
{
    private const double NormEpsilon = 1e-6;

    /// <summary>The most first, so that the new token is first written by a task of a split context.</summary>
    private static readonly int[] Threads = [16, 8, 3, 2, 1];

    /// <summary>Lengths lie below, at and above the borders of spans, which are of 512 tokens, or of 480 where units are of 48.</summary>
    [Theory]
    [InlineData(KvType.Float32)]
    [InlineData(KvType.Bfloat16)]
    [InlineData(KvType.Int16)]
    [InlineData(KvType.Int8)]
    public void Attention_AnyThreads_SameBitsAsOneThreadAndAsPrefill(KvType type) =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var attention = new RandomAttention(seed, type, Lengths(new Random(seed)));
                (string How, float[][] Outputs)[] runs = [.. attention.ComputeLast(seed, Threads)];
                foreach ((string how, float[][] outputs) in runs)
                    for (int s = 0; s < outputs.Length; s++)
                        for (int i = 0; i < outputs[s].Length; i++)
                            Assert.True(
                                BitConverter.SingleToInt32Bits(runs[0].Outputs[s][i]) == BitConverter.SingleToInt32Bits(outputs[s][i])
                                && !float.IsNaN(outputs[s][i]),
                                $"seed {seed}: {attention}: sequence {s}, element {i}: {runs[0].Outputs[s][i]:r} {runs[0].How}, {outputs[s][i]:r} {how}");
            },
            iter: 12,
            threads: 1);

    /// <summary>Bounds are several times what is seen, as a share of the largest output.</summary>
    [Theory]
    [InlineData(KvType.Float32, 2e-6)]
    [InlineData(KvType.Bfloat16, 1e-2)]
    [InlineData(KvType.Int16, 7e-4)]
    [InlineData(KvType.Int8, 3e-2)]
    public void Attention_OfSeveralSpans_IsTheFormula(KvType type, double bound)
    {
        double worst = 0;
        for (int seed = 0; seed < 6; seed++)
        {
            var attention = new RandomAttention(seed, type, [1300, 513, 700]);
            double[][] expected = attention.LastByFormula(NormEpsilon);
            foreach ((string how, float[][] outputs) in attention.ComputeLast(seed, [16, 1]))
                for (int s = 0; s < expected.Length; s++)
                {
                    double largest = expected[s].Max(Math.Abs), error = expected[s].Zip(outputs[s]).Max(p => Math.Abs(p.First - p.Second)) / largest;
                    worst = Math.Max(worst, error);
                    Assert.True(error < bound, $"seed {seed}: {attention}: sequence {s}, {how}: {error:g3}");
                }
        }
        output.WriteLine($"{type}: largest error {worst:g3} of the largest output");
    }

    [Theory]
    [InlineData(16, 2, "4095+1", 8)]
    [InlineData(16, 2, "4096+1", 9)]
    [InlineData(16, 2, "511+1", 1)]
    [InlineData(16, 2, "512+1", 2)]
    [InlineData(3, 2, "2000+1", 4)]
    [InlineData(2, 2, "2000+1", 1)]
    [InlineData(1, 2, "2000+1", 1)]
    [InlineData(16, 2, "2000+1 5+1 600+1", 4 + 1 + 2)]
    [InlineData(6, 2, "2000+1 5+1 600+1", 3)]
    [InlineData(16, 2, "2000+2 600+1", 1 + 2)]
    [InlineData(16, 2, "0+40 600+1", 3 + 2)]
    [InlineData(8, 2, "0+40 600+1", 4)]
    public void Cut_FewerTasksThanThreads_ATileForEachSpanOfALongContext(int threads, int kvHeads, string sequences, int expected)
    {
        Tile[] tiles = Cut(threads, kvHeads, sequences, blockCount: 1000);
        Assert.Equal(expected, tiles.Length);
        Tile[] split = [.. tiles.Where(t => t.IsSplit)];
        Assert.Equal(split.Length, split.Select(t => t.FirstPartial + t.Span).Distinct().Count());
        Assert.All(split.GroupBy(t => t.Sequence), s => Assert.Equal(Enumerable.Range(0, s.Count()), s.Select(t => t.Span).Order()));
    }

    /// <summary>Ten blocks of 64 make one whole span, and each of four threads may have begun one: sequences that share blocks reach more.</summary>
    [Fact]
    public void Cut_MoreSpansThanThePoolKeeps_LeavesTheRestWhole()
    {
        Tile[] tiles = Cut(threads: 4, kvHeads: 1, "1600+1 600+1 3+1", blockCount: 10);
        Assert.Equal([true, false, false], tiles.Take(3).Select(t => t.IsSplit));
        Assert.Equal(3 + 3, tiles.Length);
    }

    /// <summary>A softmax over 40 tokens, the second part with larger scores than the first, then with smaller ones.</summary>
    [Theory]
    [InlineData(7f)]
    [InlineData(-7f)]
    public void Fold_TwoParts_IsTheSoftmaxOverBoth(float shift)
    {
        var random = new Random(3);
        float[] scores = [.. Enumerable.Range(0, 40).Select(t => (random.NextSingle() * 4) + (t < 25 ? 0 : shift))];
        float[] values = [.. scores.Select(_ => random.NextSingle())];
        using var memory = new NativeBuffer<float>(2 * Partial.FloatsOf(1, 16));
        Partial total = Part(memory.Address, scores[..25], values), next = Part(memory.Address + Partial.FloatsOf(1, 16), scores[25..], values[25..]);
        total.Fold<Vector128<float>, Lanes128>(next, 0, 1);
        double[] weights = [.. scores.Select(s => Math.Pow(2, s))];
        double expected = weights.Zip(values, (w, v) => w * v).Sum() / weights.Sum();
        Assert.Equal(scores.Max(), total.Maxima[0]);
        for (int d = 0; d < 16; d++)
            Assert.Equal(expected, total.Outputs[d] / total.Sums[0], 1e-6);
    }

    private static Partial Part(float* start, float[] scores, float[] values)
    {
        var part = new Partial(start, heads: 1, padded: 16);
        part.Clear(1);
        part.Maxima[0] = scores.Max();
        for (int t = 0; t < scores.Length; t++)
        {
            float weight = MathF.Pow(2, scores[t] - part.Maxima[0]);
            part.Sums[0] += weight;
            for (int d = 0; d < 16; d++)
                part.Outputs[d] += weight * values[t];
        }
        return part;
    }

    private static int[] Lengths(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (random.Next(1, 4) * (random.Next(2) == 0 ? 512 : 480)) + random.Next(-1, 3))];

    private static Tile[] Cut(int threads, int kvHeads, string sequences, int blockCount)
    {
        using var pool = new KvPool(new AttentionShape(4, kvHeads, 8), 1, blockCount, blockTokens: 64, maxStepTokens: 64, threads: threads);
        int[][] parts = [.. sequences.Split(' ').Select(s => s.Split('+').Select(int.Parse).ToArray())];
        int[] past = [.. parts.Select(p => p[0])], cumulative = [0, .. parts.Select((_, i) => parts.Take(i + 1).Sum(p => p[1]))];
        fixed (int* pastLengths = past, cumulativeLengths = cumulative)
        {
            var node = new AttentionNode { Memory = pool.Memory, HeadCount = 4, KvHeadCount = kvHeads, HeadSize = 8 };
            var job = new AttentionJob
            {
                Node = &node, CumulativeLengths = cumulativeLengths, PastLengths = pastLengths, SequenceCount = past.Length, TokenCount = cumulative[^1],
            };
            PagedAttention.Cut(&job);
            Tile[] tiles = new ReadOnlySpan<Tile>(pool.Memory->Tiles, job.TileCount).ToArray();
            // A single new token is written once, by the task that reads it.
            foreach (Tile tile in tiles)
                Assert.Equal(
                    parts[tile.Sequence][1] == 1 && (!tile.IsSplit || tile.Span == past[tile.Sequence] / 512), job.AppendsAsItAttends(tile));
            return tiles;
        }
    }
}
