using System.ComponentModel.DataAnnotations;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Onnx.Runner;

/// <summary>How large a runner is made. All of it is decided before the first step.</summary>
public sealed record RunnerOptions : IValidatableObject
{
    /// <summary>New tokens in one step at most, all sequences together: bounds the memory of a step and how long it can take.</summary>
    /// <value>
    /// 1 to 65,536. The default is 512 tokens: enough for matrix products to reach full speed on CPUs, little enough for decoding to go on
    /// beside it.
    /// </value>
    [Range(1, 65536)]
    public int MaxStepTokens { get; init; } = 512;

    /// <summary>Sequences in one step at most; where they are more than <see cref="MaxStepTokens"/>, no step can hold them all.</summary>
    /// <value>1 to 4,096. The default is 32.</value>
    [Range(1, 4096)]
    public int MaxSequences { get; init; } = 32;

    /// <summary>Memory for the KV cache, in bytes.</summary>
    /// <value>
    /// At least one full context (the message of a refusal says how much that is). Null, the default, takes the smaller of full contexts
    /// for <see cref="MaxSequences"/> and a quarter of the memory available to the process, but at least one full context. On CUDA devices
    /// that share is four fifths of the device's memory that is free once the weights are loaded; on WebGPU devices, which do not tell, it
    /// is a quarter of 4 GiB.
    /// </value>
    [Range(typeof(long), "1", "9223372036854775807", ParseLimitsInInvariantCulture = true)]
    public long? KvCacheBytes { get; init; }

    /// <summary>Tokens in a block of the KV cache on the CPU; GPUs' kernels set it themselves (WebGPU 16, CUDA 256).</summary>
    /// <value>
    /// A multiple of 16 from 16 to 256. The default is 64: a block's keys and values for one head stay within a first- or second-level
    /// cache, and a sequence wastes half a block on average.
    /// </value>
    [Range(16, 256)]
    public int BlockTokens { get; init; } = 64;

    /// <summary>What the KV cache keeps for an element of a key or value on the CPU; on GPUs it is fp16.</summary>
    /// <value>
    /// Null, the default, takes the fastest that costs no answer: <see cref="Kernels.KvType.Int16"/> for quantised weights, which halves
    /// the memory and computes with exact integers; <see cref="Kernels.KvType.Float32"/> for weights of 32 bits, where exactness was chosen
    /// before. The largest error of an output in the reference cases, in parts of the largest output: int16 1.6e-4, bfloat16 3.1e-3, int8
    /// 6.3e-3. int8 takes half of int16's memory and up to a third of its time, and tiny-r1 answers as many questions right with it, but 6 of
    /// 16 reference folders choose another token than ONNX Runtime somewhere, 0.3 to 0.4 ahead: 8 bits of keys alone cost that, and 8 bits
    /// of values alone.
    /// </value>
    [EnumDataType(typeof(KvType))]
    public KvType? KvType { get; init; }

    /// <summary>Threads that compute, the calling one included.</summary>
    /// <value>
    /// 1 to 1,024. Null, the default, takes one per processor (ONNX Runtime's own default takes half of them on machines with two hardware
    /// threads per core).
    /// </value>
    [Range(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>Instructions that matrix products are computed with; all give the same bits.</summary>
    /// <value>One that <see cref="KernelPaths.Supported"/> has. Null, the default, takes the fastest of them.</value>
    [EnumDataType(typeof(KernelPath))]
    public KernelPath? KernelPath { get; init; }

    /// <summary>Keeps scales of quantised weights as fp16 also where that rounds them.</summary>
    /// <value>
    /// The default is false: fp16 where it holds a matrix's scales exactly, as it does for symmetric weights made from bf16 checkpoints,
    /// and fp32 else. Rounding changes a weight by at most 0.05 %, far below what 4 bits cost, and saves 10 % of the bytes that decoding
    /// reads.
    /// </value>
    public bool MayRoundScales { get; init; }

    /// <summary>How many threads that is.</summary>
    internal int ThreadCount => Threads ?? Environment.ProcessorCount;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (BlockTokens % 16 != 0)
            yield return new ValidationResult(
                $"{nameof(RunnerOptions)}:{nameof(BlockTokens)}: found {BlockTokens}, allowed is a multiple of 16.");
        if (KernelPath is { } path && Enum.IsDefined(path) && !KernelPaths.Supported.Contains(path))
            yield return new ValidationResult(
                $"{nameof(RunnerOptions)}:{nameof(KernelPath)}: found {path}, which this machine cannot run; "
                + $"allowed is {string.Join(", ", KernelPaths.Supported)}.");
    }

    /// <summary>What the cache keeps on the CPU for a model.</summary>
    internal KvType KvTypeFor(ModelCost cost) => KvType ?? (cost.IsQuantised ? Kernels.KvType.Int16 : Kernels.KvType.Float32);
}
