using System.Runtime.InteropServices;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>A random quantised matrix in the file's layout, with what its numbers mean.</summary>
internal sealed class RandomMatrix
{
    private readonly byte[] _codes;
    private readonly float[] _scales;
    private readonly byte[]? _zeroPoints;
    private readonly int _blocks;

    /// <param name="random">Chance.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">K.</param>
    /// <param name="bits">4 or 8.</param>
    /// <param name="blockSize">Elements that share a scale.</param>
    /// <param name="hasZeroPoints">Zero points of each block's own.</param>
    /// <param name="hasBias">A bias.</param>
    /// <param name="halfScales">Scales that fp16 holds exactly.</param>
    public RandomMatrix(Random random, int rows, int columns, int bits, int blockSize, bool hasZeroPoints, bool hasBias = false, bool halfScales = true)
    {
        _blocks = (columns + blockSize - 1) / blockSize;
        _codes = new byte[rows * _blocks * blockSize * bits / 8];
        random.NextBytes(_codes);
        // Of either sign, as exporters write them.
        _scales = [.. Enumerable.Range(0, rows * _blocks).Select(_ => (random.NextSingle() - 0.5f) * 0.1f)];
        if (halfScales)
            _scales = [.. _scales.Select(s => (float)(Half)s)];
        if (hasZeroPoints)
            random.NextBytes(_zeroPoints = new byte[rows * (((_blocks * bits) + 7) / 8)]);
        float[]? bias = hasBias ? [.. Enumerable.Range(0, rows).Select(_ => random.NextSingle() - 0.5f)] : null;
        Source = new MatrixSource(
            Of<byte>(_codes), Of<float>(_scales), false, _zeroPoints is null ? null : Of<byte>(_zeroPoints), bias is null ? null : Of<float>(bias), rows, columns, bits, blockSize);
        Bias = bias;
    }

    public MatrixSource Source { get; }

    public float[]? Bias { get; }

    public float Scale(int row, int k) => _scales[(row * _blocks) + (k / Source.BlockSize)];

    /// <summary>Code − zero point.</summary>
    public int Level(int row, int k)
    {
        long at = ((long)row * _blocks * Source.BlockSize) + k;
        int code = Source.Bits == 8 ? _codes[at] : (_codes[at / 2] >> (int)(at % 2 * 4)) & 15;
        return code - ZeroPoint(row, k / Source.BlockSize);
    }

    private int ZeroPoint(int row, int block)
    {
        if (_zeroPoints is null)
            return 1 << (Source.Bits - 1);
        int bytes = ((_blocks * Source.Bits) + 7) / 8;
        return Source.Bits == 8 ? _zeroPoints[(row * bytes) + block] : (_zeroPoints[(row * bytes) + (block / 2)] >> (block % 2 * 4)) & 15;
    }

    private static TensorSource Of<T>(T[] values)
        where T : unmanaged
    {
        byte[] bytes = MemoryMarshal.AsBytes<T>(values).ToArray();
        return new TensorSource(null, 0, bytes.Length, bytes);
    }
}
