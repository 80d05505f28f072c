using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>Owns a model's packed weights, the kernels assembled for them, and what the operators share. Must outlive the session.</summary>
internal sealed unsafe class QuantizedProducts : IDisposable
{
    private readonly WeightStore _store;
    private readonly KernelSet _kernels;
    private MatrixMemory* _memory;

    /// <summary>Packs the weights and assembles the kernels.</summary>
    /// <param name="plans">What to pack.</param>
    /// <param name="mayRoundScales">Scales as fp16 also where that rounds them.</param>
    /// <param name="path">What to compute with.</param>
    /// <param name="threads">Threads of the session.</param>
    public QuantizedProducts(IReadOnlyList<WeightPlan> plans, bool mayRoundScales, KernelPath path, int threads)
    {
        _store = new WeightStore(plans, mayRoundScales, threads);
        var formats = new WeightFormat[plans.Count];
        for (int i = 0; i < formats.Length; i++)
            formats[i] = _store.Weights[i].Format;
        _kernels = new KernelSet(formats, path);
        for (int i = 0; i < formats.Length; i++)
            _store.Weights[i].Kernels = _kernels.Table(formats[i]);
        _memory = (MatrixMemory*)NativeMemory.AllocZeroed((nuint)sizeof(MatrixMemory));
        *_memory = new MatrixMemory { Weights = _store.Weights, WeightCount = _store.Count, Threads = threads };
    }

    /// <summary>What products are computed with.</summary>
    public KernelPath Path => _kernels.Path;

    /// <summary>Bytes of the packed weights.</summary>
    public long WeightBytes => _store.Bytes;

    /// <summary>Adds the operators over these weights to a domain.</summary>
    public void Define(CustomOperatorDomain domain)
    {
        domain.Add(QuantizeRowsOperator.Define(_memory));
        domain.Add(QuantizedMatMulOperator.Define(_memory));
        domain.Add(GateUpOperator.Define(_memory));
        domain.Add(PackedGatherOperator.Define(_memory));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        _kernels.Dispose();
        _store.Dispose();
    }
}
