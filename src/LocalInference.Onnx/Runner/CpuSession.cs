using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Kernels.Matrix;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>An ONNX Runtime session of a served graph on the CPU, with this project's attention kernel over a pool.</summary>
internal sealed unsafe class CpuSession : IDisposable
{
    private readonly CustomOperatorDomain _domain;
    private readonly GivenWeights _weights;

    /// <summary>Makes the session; weights are mapped and packed here.</summary>
    /// <param name="model">A served graph's bytes.</param>
    /// <param name="dataFolder">Where its weights lie.</param>
    /// <param name="pool">Must outlive the session.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="retyped">Weights that the graph declares in another type than their files'.</param>
    /// <param name="products">Packed weights that the graph names; null where it names none. Must outlive the session.</param>
    public CpuSession(
        byte[] model, string dataFolder, KvPool pool, int threads, IReadOnlyList<RetypedWeight>? retyped = null,
        QuantizedProducts? products = null)
    {
        _weights = GivenWeights.Convert(retyped ?? []);
        _domain = new CustomOperatorDomain();
        try
        {
            _domain.Add(PagedAttentionOperator.Define(pool));
            products?.Define(_domain);
            using SessionOptions options = SessionSettings.Make(dataFolder, threads);
            _domain.Register(options);
            _weights.AddTo(options);
            Session = OrtRuntime.CreateSession(model, options);
        }
        catch
        {
            _domain.Dispose();
            _weights.Dispose();
            throw;
        }
    }

    /// <summary>The session itself.</summary>
    public InferenceSession Session { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        _domain.Dispose();
        _weights.Dispose();
    }
}
