using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Graph;

namespace LocalInference.Quantize.Conversion;

/// <summary>How a model is converted.</summary>
internal sealed record ConversionOptions
{
    public required Precision Precision { get; init; }

    public required MethodName Method { get; init; }

    /// <summary>Whether a yarn model's <c>attn_factor</c> multiplies.</summary>
    public required bool MultipliesAuthorsFactor { get; init; }

    /// <summary>What the result is measured on; null where it is not.</summary>
    public EvaluationText? Evaluation { get; init; }

    /// <summary>Memory that running the result may take, in bytes.</summary>
    /// <value>The default is what the process may have: all of the machine's, or a container's limit.</value>
    public long MemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What <see cref="MethodName.Gptq"/> learns from; null for others, which need none.</summary>
    public CalibrationText? Calibration { get; init; }
}

/// <summary>Ways to choose codes.</summary>
internal enum MethodName
{
    /// <summary>Round to nearest, as the official exporter.</summary>
    Rtn,

    /// <summary>The scale that loses least.</summary>
    Mse,

    /// <summary>Error feedback over a calibration text.</summary>
    Gptq,
}
