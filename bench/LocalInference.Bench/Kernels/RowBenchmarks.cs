using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Weights;

namespace LocalInference.Bench.Kernels;

/// <summary>
/// What is done to one row between products: quantising, with or without a norm in front, and SiLU(gate) × up. The row is in the cache, as
/// it is in a step.
/// </summary>
public unsafe class RowBenchmarks
{
    private const int Lanes = 16;
    private const float Epsilon = 1e-6f;

    private static readonly ActivationFormat Format =
        new WeightFormat(Bits: 4, BlockSize: 32, HasZeroPoints: false, HasHalfScales: true).Activations;

    private NativeBuffer<float> _row = null!;
    private NativeBuffer<float> _other = null!;
    private NativeBuffer<byte> _quantized = null!;

    /// <summary>Hidden and MLP width of DeepSeek-R1-Distill-Qwen-1.5B.</summary>
    [Params(1536, 8960)]
    public int Width { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _row = RandomFloats.Make(Width);
        _other = RandomFloats.Make(Width, seed: 2);
        _quantized = new NativeBuffer<byte>(Format.RowBytes(Width));
    }

    [Benchmark]
    public void Quantize() => Run(gamma: null);

    [Benchmark]
    public void NormAndQuantize() => Run(_other.Address);

    [Benchmark]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float SiluTimesUp()
    {
        float* gate = _row.Address, up = _other.Address;
        Vector512<float> sum = default;
        // Summed rather than written: a written row would be the next call's input.
        for (int i = 0; i < Width; i += Lanes)
            sum += Silu.Of(Vector512.Load(gate + i)) * Vector512.Load(up + i);
        return Vector512.Sum(sum);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _quantized.Dispose();
        _other.Dispose();
        _row.Dispose();
    }

    private void Run(float* gamma)
    {
        var job = new QuantizeJob
        {
            Input = _row.Address,
            Gamma = gamma,
            Output = _quantized.Address,
            // A single row is never shared out, so no session's threads are needed.
            Tasks = new RowTasks(1, Width / Format.BlockSize, threads: 1),
            Format = Format,
            Columns = Width,
            Epsilon = Epsilon,
        };
        OrtFunctions.Check(RowQuantizer.Run(null, &job));
    }
}
