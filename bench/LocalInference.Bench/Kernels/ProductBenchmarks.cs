using BenchmarkDotNet.Attributes;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Weights;

namespace LocalInference.Bench.Kernels;

/// <summary>
/// A quantised product on one thread: the down projection of DeepSeek-R1-Distill-Qwen-1.5B (8,960 → 1,536, 4 bits in blocks of 32), its
/// weights from memory, its activations quantised already.
/// </summary>
public unsafe class ProductBenchmarks
{
    private const int Inputs = 8960;
    private const int Outputs = 1536;
    private const int BlockSize = 32;
    private const double Bytes = Outputs * Inputs * (0.5 + (2.0 / BlockSize));

    private RotatedWeight _weight = null!;
    private NativeBuffer<byte> _activations = null!;
    private NativeBuffer<float> _result = null!;
    private KernelSet _kernels = null!;
    private nint _kernel;

    /// <summary>Every path that this machine runs.</summary>
    [ParamsSource(nameof(Paths))]
    public KernelPath Path { get; set; }

    /// <summary>Rows of the step.</summary>
    [Params(1, 2, 4, 8, 16)]
    public int Rows { get; set; }

    public static IEnumerable<KernelPath> Paths => KernelPaths.Supported;

    [GlobalSetup]
    public void Setup()
    {
        _weight = new RotatedWeight(Outputs, Inputs, BlockSize);
        WeightFormat format = _weight.Weight->Format;
        _activations = new NativeBuffer<byte>((long)Rows * format.Activations.RowBytes(Inputs));
        using (NativeBuffer<float> rows = RandomFloats.Make((long)Rows * Inputs))
            for (int row = 0; row < Rows; row++)
                for (int block = 0; block < Inputs / BlockSize; block++)
                    ActivationQuantizer.WriteBlock(
                        rows.Address + (row * Inputs) + (block * BlockSize), format.Activations,
                        ActivationQuantizer.BlockAt(_activations.Address, format.Activations, Inputs, 0, Rows, block), Rows, row);
        _result = new NativeBuffer<float>(RowGroups.MaxRows * WeightFormat.TileOutputs);
        _kernels = new KernelSet([format], Path);
        if (_kernels.Path != Path)
            throw new InvalidOperationException($"The system refuses executable pages, so {Path} cannot be measured.");
        _kernel = _kernels.Table(format)[Rows];
    }

    [Benchmark]
    [Work((double)Outputs * Inputs, Bytes, Times = nameof(Rows))]
    public void Product()
    {
        PackedWeight* weight = _weight.Weight;
        byte* tile = _weight.Next();
        var kernel = (delegate* unmanaged<byte*, byte*, float*, nint, void>)_kernel;
        for (int i = 0; i < weight->TileCount; i++, tile += weight->TileBytes)
            if (kernel is not null)
                kernel(tile, _activations.Address, _result.Address, weight->BlockCount);
            else
                PortableKernel.Run(weight->Format, Rows, tile, _activations.Address, _result.Address, weight->BlockCount);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _kernels.Dispose();
        _result.Dispose();
        _activations.Dispose();
        _weight.Dispose();
    }
}
