using System.Numerics.Tensors;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Graph;

namespace LocalInference.Quantize.Dense;

/// <summary>
/// Attention of every token to itself and to those before it in its sequence, with rotary positions, in single precision.
/// </summary>
internal sealed class DenseAttention
{
    private readonly CheckpointConfig _config;
    private readonly int[] _starts;
    private readonly float[] _cosines;
    private readonly float[] _sines;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Computes the tables of all positions.</summary>
    /// <param name="config">The model.</param>
    /// <param name="rotary">Its positions.</param>
    /// <param name="starts">Each sequence's first token, and at the end the number of tokens.</param>
    /// <param name="cancellationToken">Stops between heads.</param>
    public DenseAttention(CheckpointConfig config, RotaryTable rotary, int[] starts, CancellationToken cancellationToken)
    {
        (_config, _starts, _cancellationToken) = (config, starts, cancellationToken);
        int longest = Enumerable.Range(0, SequenceCount).Max(LengthOf), pairs = config.HeadSize / 2;
        _cosines = new float[longest * pairs];
        _sines = new float[longest * pairs];
        for (int position = 0; position < longest; position++)
        {
            rotary.Cosines(position, _cosines.AsSpan(position * pairs, pairs));
            rotary.Sines(position, _sines.AsSpan(position * pairs, pairs));
        }
    }

    private int SequenceCount => _starts.Length - 1;

    /// <summary>Each token's weighted values; queries and keys are rotated in place.</summary>
    /// <param name="q">[tokens, query heads, head size].</param>
    /// <param name="k">[tokens, key heads, head size].</param>
    /// <param name="v">As the keys.</param>
    public float[] Attend(float[] q, float[] k, float[] v)
    {
        Rotate(q, _config.HeadCount);
        Rotate(k, _config.KvHeadCount);
        float[] attended = new float[q.Length];
        Parallel.For(0, SequenceCount * _config.HeadCount, new ParallelOptions { CancellationToken = _cancellationToken }, task =>
            AttendHead(task / _config.HeadCount, task % _config.HeadCount, q, k, v, attended));
        return attended;
    }

    private int LengthOf(int sequence) => _starts[sequence + 1] - _starts[sequence];

    private void AttendHead(int sequence, int head, float[] q, float[] k, float[] v, float[] attended)
    {
        int size = _config.HeadSize, queryWidth = _config.HeadCount * size, keyWidth = _config.KvHeadCount * size,
            start = _starts[sequence];
        int kvOffset = head / (_config.HeadCount / _config.KvHeadCount) * size;
        float scale = 1 / MathF.Sqrt(size);
        float[] scores = new float[LengthOf(sequence)];
        for (int token = 0; token < scores.Length; token++)
        {
            ReadOnlySpan<float> query = q.AsSpan(((start + token) * queryWidth) + (head * size), size);
            Span<float> seen = scores.AsSpan(0, token + 1), result = attended.AsSpan(((start + token) * queryWidth) + (head * size), size);
            for (int past = 0; past <= token; past++)
                seen[past] = scale * TensorPrimitives.Dot(query, k.AsSpan(((start + past) * keyWidth) + kvOffset, size));
            TensorPrimitives.SoftMax(seen, seen);
            for (int past = 0; past <= token; past++)
                TensorPrimitives.MultiplyAdd(v.AsSpan(((start + past) * keyWidth) + kvOffset, size), seen[past], result, result);
        }
    }

    private void Rotate(float[] rows, int heads)
    {
        int size = _config.HeadSize, pairs = size / 2, width = heads * size;
        for (int sequence = 0; sequence < SequenceCount; sequence++)
            for (int position = 0; position < LengthOf(sequence); position++)
                for (int head = 0; head < heads; head++)
                {
                    Span<float> values = rows.AsSpan(((_starts[sequence] + position) * width) + (head * size), size);
                    for (int i = 0; i < pairs; i++)
                    {
                        float cosine = _cosines[(position * pairs) + i], sine = _sines[(position * pairs) + i], a = values[i],
                            b = values[i + pairs];
                        values[i] = (a * cosine) - (b * sine);
                        values[i + pairs] = (b * cosine) + (a * sine);
                    }
                }
    }
}
