using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Weights;

namespace LocalInference.Bench.Kernels;

/// <summary>
/// A packed weight of random codes in so many copies that by the time one comes round again the others have driven it out of every cache:
/// what a step of a whole model does to its weights.
/// </summary>
internal sealed unsafe class RotatedWeight : IDisposable
{
    /// <summary>Several times a server's last-level cache.</summary>
    private const long LeastBytes = 256L << 20;

    private const int ScaleBytes = 2;
    private const float LargestScale = 0.05f;

    private readonly WeightStore _store;
    private readonly NativeBuffer<byte> _copies;
    private readonly int _count;
    private int _next;

    /// <param name="outputs">Rows of the matrix.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="blockSize">Columns that share a scale.</param>
    public RotatedWeight(int outputs, int inputs, int blockSize)
    {
        _store = new WeightStore([new WeightPlan(Random(outputs, inputs, blockSize))], mayRoundScales: true, threads: 1);
        _count = CopiesOf(_store.Bytes);
        _copies = new NativeBuffer<byte>(_store.Bytes * _count);
        for (int i = 0; i < _count; i++)
            NativeMemory.Copy(_store.Weights->Tiles, _copies.Address + (i * _store.Bytes), (nuint)_store.Bytes);
    }

    /// <summary>What all copies have in common.</summary>
    public PackedWeight* Weight => _store.Weights;

    /// <summary>Copies of a weight of so many bytes.</summary>
    public static int CopiesOf(long bytes) => (int)((LeastBytes + bytes - 1) / bytes);

    /// <summary>The tiles of the copy that was used longest ago.</summary>
    public byte* Next()
    {
        byte* tiles = _copies.Address + (_next * _store.Bytes);
        _next = (_next + 1) % _count;
        return tiles;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _copies.Dispose();
        _store.Dispose();
    }

    private static MatrixSource Random(int outputs, int inputs, int blockSize)
    {
        var random = new Random(1);
        int blocks = outputs * (inputs / blockSize);
        byte[] codes = new byte[outputs * inputs / 2], scales = new byte[blocks * ScaleBytes];
        random.NextBytes(codes);
        foreach (ref Half scale in MemoryMarshal.Cast<byte, Half>(scales.AsSpan()))
            scale = (Half)(random.NextSingle() * LargestScale);
        return new MatrixSource(
            Of(codes), Of(scales), HasHalfScales: true, ZeroPoints: null, Bias: null, outputs, inputs, Bits: 4, blockSize);
    }

    private static TensorSource Of(byte[] bytes) => new(null, 0, bytes.Length, bytes);
}
