using LocalInference.Quantize.Quantization;

namespace LocalInference.Quantize.Weights;

/// <summary>A quantised matrix as stored: three tensors, or two where the zero point is the middle.</summary>
/// <param name="Format">How.</param>
/// <param name="Codes">[rows, blocks, bytes of a block].</param>
/// <param name="Scales">[rows, blocks].</param>
/// <param name="ZeroPoints">[rows, bytes]; null in symmetric formats.</param>
internal sealed record QuantizedTensors(BlockFormat Format, StoredTensor Codes, StoredTensor Scales, StoredTensor? ZeroPoints);
