using System.ComponentModel.DataAnnotations;
using LocalInference.Onnx.Kernels.Matrix;

namespace LocalInference.Options;

/// <summary>What computes on the CPU.</summary>
public sealed class KernelOptions
{
    /// <summary>The instructions that quantised matrix products use; all give the same bits.</summary>
    /// <value>
    /// <c>portable</c>, <c>avx2</c>, <c>avx-vnni</c>, <c>avx512</c> or <c>avx512-vnni</c>. The default, none, takes the fastest that this
    /// processor has; one that it lacks is refused.
    /// </value>
    [EnumDataType(typeof(KernelPath))]
    public KernelPath? Path { get; init; }
}
