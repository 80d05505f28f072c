using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Dense;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Calibration;

/// <summary>
/// Error feedback over a calibration text: the model runs in single precision layer by layer, just ahead of the quantiser, and what goes
/// into each product is summed up as second moments. One layer's moments are kept at a time.
/// </summary>
internal sealed class Gptq : IQuantizationMethod
{
    private readonly DenseLayers _layers;
    private readonly int _layerCount;
    private readonly Dictionary<string, IRowQuantizer> _quantizers = [];
    private readonly MeanSquareSearch _withoutInputs = new();

    /// <param name="config">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="rotary">Its positions.</param>
    /// <param name="calibration">Token ids, one list a sequence.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    public Gptq(CheckpointConfig config, IWeightSource weights, RotaryTable rotary, IReadOnlyList<int[]> calibration,
        CancellationToken cancellationToken)
    {
        _layers = new DenseLayers(config, weights, rotary, calibration, cancellationToken);
        _layerCount = config.LayerCount;
    }

    public void Prepare(int group, CancellationToken cancellationToken)
    {
        _quantizers.Clear();
        if (group < 0)
            return;
        if (group < _layerCount)
            _layers.Run(group, (tensors, inputs, width) => Learn(tensors, inputs, width, cancellationToken));
        else
        {
            float[] hidden = _layers.Hidden();
            Learn([_layers.HeadTensor], hidden, hidden.Length / _layers.TokenCount, cancellationToken);
        }
    }

    // An embedding is looked up, not multiplied: it has no inputs, and no more than its own error counts.
    public IRowQuantizer For(QuantizedJob job) =>
        _quantizers.TryGetValue(job.Matrix.Parts[0].Tensor!, out IRowQuantizer? quantizer) ? quantizer : _withoutInputs;

    private void Learn(string[] tensors, float[] inputs, int width, CancellationToken cancellationToken)
    {
        var quantizer = new ErrorFeedback(new TriangularFactor(SecondMoments.Of(inputs, width, cancellationToken), width,
            cancellationToken));
        foreach (string tensor in tensors)
            _quantizers[tensor] = quantizer;
    }
}
