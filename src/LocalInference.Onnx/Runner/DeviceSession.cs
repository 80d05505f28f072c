using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>An ONNX Runtime session of a served graph on a device with memory of its own.</summary>
internal sealed class DeviceSession : IDisposable
{
    private readonly GivenWeights _weights;

    /// <summary>Makes the session; weights are copied to the device here.</summary>
    /// <param name="graph">Built for the device.</param>
    /// <param name="provider">The device's.</param>
    /// <param name="gpu">Which GPU, where one can be chosen.</param>
    /// <param name="threads">Threads for what the processor still does.</param>
    public DeviceSession(ServedGraph graph, ExecutionProvider provider, CudaDevice? gpu, int threads)
    {
        OrtRuntime.EnsureStarted();
        _weights = GivenWeights.Convert(graph.RetypedWeights);
        try
        {
            using SessionOptions options = SessionSettings.Make(graph.DataFolder, threads);
            options.AddSessionConfigEntry(GraphAssignment.Option, "1");
            provider.AppendTo(options, gpu);
            _weights.AddTo(options);
            Session = OrtRuntime.CreateSession(graph.Model, options);
            Memory = new OrtMemoryInfo(provider.MemoryName, OrtAllocatorType.DeviceAllocator, gpu?.Index ?? 0, OrtMemType.Default);
            Allocator = new OrtAllocator(Session, Memory);
        }
        catch
        {
            Memory?.Dispose();
            Session?.Dispose();
            _weights.Dispose();
            throw;
        }
    }

    /// <summary>The session itself.</summary>
    public InferenceSession Session { get; }

    /// <summary>ONNX Runtime's word for the device's memory.</summary>
    public OrtMemoryInfo Memory { get; }

    /// <summary>Gives the device's memory; what it gave must be returned before disposal.</summary>
    public OrtAllocator Allocator { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Allocator.Dispose();
        Memory.Dispose();
        Session.Dispose();
        _weights.Dispose();
    }
}
