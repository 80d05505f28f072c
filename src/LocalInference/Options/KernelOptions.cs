using System.ComponentModel.DataAnnotations;
using LocalInference.Onnx.Kernels;

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

    /// <summary>Threads that compute.</summary>
    /// <value>1 to 1,024. The default, none, takes one for each processor.</value>
    [Range(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>What the KV cache keeps for an element of a key or value.</summary>
    /// <value>
    /// <c>float32</c>, <c>bfloat16</c>, <c>int16</c> or <c>int8</c>. The default, none, takes the fastest that costs no answer: int16 for
    /// quantised weights, float32 for others. int8 halves the cache once more and is faster, and attention's noise
    /// is forty times that of int16: a token may change whose logit is 0.4 ahead.
    /// </value>
    [EnumDataType(typeof(KvType))]
    public KvType? KvType { get; init; }
}
