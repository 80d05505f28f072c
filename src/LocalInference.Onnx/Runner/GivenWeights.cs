using System.Runtime.InteropServices;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Models;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Weights that a session is given in memory, because the graph declares them in another type than their file's. ONNX Runtime takes only
/// memory that its caller owns and does not say what it still reads after packing: dispose it after the session.
/// </summary>
internal sealed unsafe class GivenWeights : IDisposable
{
    private readonly List<NativeBuffer<byte>> _buffers = [];
    private readonly List<nint> _names = [];
    private readonly List<nint> _values = [];

    private GivenWeights()
    {
    }

    /// <summary>Reads and converts weights.</summary>
    /// <exception cref="ModelFolderException">A value does not fit into the type, or a file ends early.</exception>
    public static GivenWeights Convert(IReadOnlyList<RetypedWeight> weights)
    {
        OrtRuntime.EnsureStarted();
        var given = new GivenWeights();
        try
        {
            foreach (RetypedWeight weight in weights)
                given.Add(weight);
            return given;
        }
        catch
        {
            given.Dispose();
            throw;
        }
    }

    /// <summary>Makes them known to a session made with these options.</summary>
    public void AddTo(SessionOptions options)
    {
        if (_values.Count == 0)
            return;
        nint[] names = [.. _names], values = [.. _values];
        fixed (nint* firstName = names, firstValue = values)
            OrtFunctions.Check(OrtFunctions.AddExternalInitializers(
                options.DangerousGetHandle(), (byte**)firstName, (void**)firstValue, (nuint)names.Length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.ForEach(v => OrtFunctions.ReleaseValue((void*)v));
        _names.ForEach(Marshal.FreeCoTaskMem);
        _buffers.ForEach(b => b.Dispose());
        _values.Clear();
        _names.Clear();
        _buffers.Clear();
    }

    private void Add(RetypedWeight weight)
    {
        var buffer = new NativeBuffer<byte>(Math.Max(weight.Bytes, 1));
        _buffers.Add(buffer);
        WeightConverter.Convert(weight, buffer.Address);
        long[] dims = [.. weight.Dims];
        void* value;
        fixed (long* first = dims)
            OrtFunctions.Check(OrtFunctions.CreateTensorWithData(
                (void*)OrtRuntime.HostMemory, buffer.Address, (nuint)weight.Bytes, first, (nuint)dims.Length, weight.Type, &value));
        _values.Add((nint)value);
        _names.Add(Marshal.StringToCoTaskMemUTF8(weight.Name));
    }
}
