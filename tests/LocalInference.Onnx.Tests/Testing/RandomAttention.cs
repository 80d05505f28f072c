using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>
/// Sequences with random queries, keys and values for every position, from which steps are cut: the same rows alone, together, in chunks.
/// </summary>
internal sealed class RandomAttention
{
    private const float Scale = 0.3f;

    private readonly Random _random;
    private readonly KvType _type;
    private readonly AttentionShape _shape;
    private readonly int _blockTokens;
    private readonly float[] _cos;
    private readonly float[] _sin;
    private readonly float[]? _norm;
    private readonly float[][] _queries;
    private readonly float[][] _keys;
    private readonly float[][] _values;

    /// <param name="seed">Decides everything else.</param>
    /// <param name="type">What the cache keeps.</param>
    /// <param name="lengths">Tokens of each sequence; null = up to four sequences of less than 200.</param>
    public RandomAttention(int seed, KvType type, int[]? lengths = null)
    {
        _type = type;
        _random = new Random(seed);
        int kvHeads = _random.Next(1, 4);
        _shape = new AttentionShape(kvHeads * _random.Next(1, 8), kvHeads, 8 * _random.Next(1, 17));
        // 80 and 128 are made of several units.
        _blockTokens = ((int[])[16, 32, 48, 64, 80, 128])[_random.Next(6)];
        Lengths = lengths ?? [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.Next(1, 200))];
        BlockCount = Lengths.Sum(l => (l + _blockTokens - 1) / _blockTokens) + 3;
        _cos = Values(Math.Max(200, Lengths.Max()) * _shape.HeadSize / 2, 1);
        _sin = Values(Math.Max(200, Lengths.Max()) * _shape.HeadSize / 2, 1);
        _norm = _random.Next(2) == 0 ? null : Values(_shape.HeadSize, 1);
        _queries = [.. Lengths.Select(l => Values(l * QueryWidth, 3))];
        _keys = [.. Lengths.Select(l => Values(l * KeyWidth, 3))];
        _values = [.. Lengths.Select(l => Values(l * KeyWidth, 3))];
    }

    /// <summary>Tokens of each sequence.</summary>
    public int[] Lengths { get; }

    public int BlockCount { get; }

    public int QueryWidth => _shape.HeadCount * _shape.HeadSize;

    private int KeyWidth => _shape.KvHeadCount * _shape.HeadSize;

    public override string ToString() => $"{_type}, {_shape}, blocks of {_blockTokens}, lengths {string.Join(", ", Lengths)}, norm {_norm is not null}";

    /// <summary>Every sequence's outputs, computed in steps that a seed cuts.</summary>
    /// <param name="seed">Decides chunks, company, order and block numbers.</param>
    /// <param name="alone">One sequence after the other, each whole prompt in one step.</param>
    /// <param name="mostAtOnce">Tokens of a chunk, in company.</param>
    /// <param name="path">What products are computed with; null = the fastest here.</param>
    public float[][] Compute(int seed, bool alone, int mostAtOnce = 40, KernelPath? path = null)
    {
        var random = new Random(seed);
        int[][] tables = Tables(random);
        float[][] outputs = [.. Lengths.Select(l => new float[l * QueryWidth])];
        int[] done = new int[Lengths.Length];
        using var session = new AttentionSession(Step(tables, [(0, 0, 1)]), type: _type, path: path);
        while (done.Zip(Lengths).Any(p => p.First < p.Second))
        {
            int[] open = [.. Enumerable.Range(0, done.Length).Where(s => done[s] < Lengths[s]).OrderBy(_ => random.Next())];
            (int, int, int)[] parts = [.. open.Take(alone ? 1 : random.Next(1, open.Length + 1)).Select(s => (s, done[s], alone ? Lengths[s] : random.Next(1, Math.Min(mostAtOnce, Lengths[s] - done[s]) + 1)))];
            int row = 0;
            float[] result = session.Run(Step(tables, parts));
            foreach ((int sequence, int past, int count) in parts)
            {
                result.AsSpan(row * QueryWidth, count * QueryWidth).CopyTo(outputs[sequence].AsSpan(past * QueryWidth));
                done[sequence] += count;
                row += count;
            }
        }
        return outputs;
    }

    /// <summary>
    /// Every sequence's last outputs: from one step of its whole prompt, and from decoding its last token alone and with all others', each time with another
    /// number of threads assumed.
    /// </summary>
    /// <param name="seed">Decides block numbers.</param>
    /// <param name="threads">Those numbers.</param>
    public IEnumerable<(string How, float[][] Outputs)> ComputeLast(int seed, int[] threads)
    {
        int[][] tables = Tables(new Random(seed));
        (int Sequence, int Past, int Count)[] before = [.. Lengths.Select((l, s) => (s, 0, l - 1))], last = [.. Lengths.Select((l, s) => (s, l - 1, 1))];
        using var session = new AttentionSession(Step(tables, [(0, 0, 1)]), type: _type, assumedThreads: threads.Max());
        foreach ((int, int, int) prompt in before.Where(b => b.Count > 0))
            session.Run(Step(tables, [prompt]));
        foreach (int assumed in threads)
        {
            session.Assume(assumed);
            yield return ($"alone, {assumed} threads", [.. last.Select(l => session.Run(Step(tables, [l])))]);
            yield return ($"together, {assumed} threads", [.. session.Run(Step(tables, last)).Chunk(QueryWidth)]);
        }
        yield return ("prefill", [.. Lengths.Select((l, s) => session.Run(Step(tables, [(s, 0, l)]))[((l - 1) * QueryWidth)..])]);
    }

    /// <summary>Every sequence's last outputs by the formula, in 64 bits and without a cache: what all types of cache approximate.</summary>
    /// <param name="epsilon">Of the norms.</param>
    public double[][] LastByFormula(double epsilon)
    {
        int size = _shape.HeadSize, group = _shape.HeadCount / _shape.KvHeadCount;
        return [.. Lengths.Select((length, s) => Enumerable.Range(0, _shape.HeadCount).SelectMany(head =>
        {
            double[] query = Turn(_queries[s].AsSpan(((length - 1) * QueryWidth) + (head * size), size), length - 1, epsilon);
            double[] scores = [.. Enumerable.Range(0, length).Select(t =>
                Scale * query.Zip(Turn(_keys[s].AsSpan((t * KeyWidth) + (head / group * size), size), t, epsilon)).Sum(p => p.First * p.Second))];
            double[] weights = [.. scores.Select(x => Math.Exp(x - scores.Max()))];
            return Enumerable.Range(0, size).Select(d =>
                weights.Select((w, t) => w * _values[s][(t * KeyWidth) + (head / group * size) + d]).Sum() / weights.Sum());
        }).ToArray())];
    }

    /// <summary>A head normalised where there is a norm, and turned by its position.</summary>
    private double[] Turn(ReadOnlySpan<float> head, int position, double epsilon)
    {
        double[] x = [.. head.ToArray().Select(v => (double)v)];
        if (_norm is not null)
        {
            double root = Math.Sqrt(x.Average(v => v * v) + epsilon);
            x = [.. x.Select((v, i) => v / root * _norm[i])];
        }
        int half = x.Length / 2, at = position * half;
        return [.. Enumerable.Range(0, x.Length).Select(i => i < half
            ? (x[i] * _cos[at + i]) - (x[half + i] * _sin[at + i])
            : (x[i] * _cos[at + i - half]) + (x[i - half] * _sin[at + i - half]))];
    }

    private int[][] Tables(Random random)
    {
        var blocks = new Queue<int>(Enumerable.Range(0, BlockCount).OrderBy(_ => random.Next()));
        return [.. Lengths.Select(l => Enumerable.Range(0, (l + _blockTokens - 1) / _blockTokens).Select(_ => blocks.Dequeue()).ToArray())];
    }

    private AttentionCase Step(int[][] tables, (int Sequence, int Past, int Count)[] parts)
    {
        int width = parts.Max(p => tables[p.Sequence].Length);
        int cacheLength = BlockCount * _blockTokens * KeyWidth;
        return new AttentionCase
        {
            Name = "random",
            Shape = _shape,
            BlockTokens = _blockTokens,
            Scale = Scale,
            Query = [.. parts.SelectMany(p => _queries[p.Sequence].Skip(p.Past * QueryWidth).Take(p.Count * QueryWidth))],
            Key = [.. parts.SelectMany(p => _keys[p.Sequence].Skip(p.Past * KeyWidth).Take(p.Count * KeyWidth))],
            Value = [.. parts.SelectMany(p => _values[p.Sequence].Skip(p.Past * KeyWidth).Take(p.Count * KeyWidth))],
            KeyCache = [.. Enumerable.Repeat(float.NaN, cacheLength)],
            ValueCache = [.. Enumerable.Repeat(float.NaN, cacheLength)],
            Cos = _cos,
            Sin = _sin,
            QueryNorm = _norm,
            KeyNorm = _norm,
            BlockTable = [.. parts.SelectMany(p => tables[p.Sequence].Concat(Enumerable.Repeat(-1, width - tables[p.Sequence].Length)))],
            CumulativeLengths = [0, .. parts.Select((_, i) => parts.Take(i + 1).Sum(p => p.Count))],
            PastLengths = [.. parts.Select(p => p.Past)],
            TokenCount = parts.Sum(p => p.Count),
        };
    }

    private float[] Values(int count, float scale) => [.. Enumerable.Range(0, count).Select(_ => (_random.NextSingle() - 0.5f) * scale)];
}
