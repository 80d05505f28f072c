using LocalInference.Quantize.Quantization;

namespace LocalInference.Quantize.Weights;

/// <summary>A way to quantise all matrices of a model.</summary>
internal interface IQuantizationMethod
{
    /// <summary>Called before the matrices of a group are quantised; groups come in ascending order.</summary>
    void Prepare(int group, CancellationToken cancellationToken);

    /// <summary>The quantiser of one matrix.</summary>
    IRowQuantizer For(QuantizedJob job);
}

/// <summary>A method that treats all matrices alike.</summary>
/// <param name="quantizer">Knows nothing of the matrix.</param>
internal sealed class SameForAll(IRowQuantizer quantizer) : IQuantizationMethod
{
    public void Prepare(int group, CancellationToken cancellationToken)
    {
    }

    public IRowQuantizer For(QuantizedJob job) => quantizer;
}
