namespace LocalInference.Quantize.Quantization;

/// <summary>
/// Chooses codes, scales and zero points of one matrix, row by row. Thread-safe: rows of one matrix are quantised on all cores.
/// </summary>
internal interface IRowQuantizer
{
    /// <summary>Quantises a row.</summary>
    /// <param name="row">Its values; finite.</param>
    /// <param name="quantized">Filled.</param>
    void Quantize(ReadOnlySpan<float> row, QuantizedRow quantized);
}
