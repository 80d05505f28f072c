namespace LocalInference.Bench.Machine;

/// <summary>What a machine could do at best, at some moment.</summary>
/// <param name="ReadBytesPerSecond">Reading memory, all threads together.</param>
/// <param name="HotKernelMultiplyAdds">Multiply-adds a second of the int4 kernel whose data stays in the first-level cache; null where
/// there is no such kernel.</param>
/// <param name="LineNanoseconds">For a cache line to another processor and back; null with one thread, or where the processors were too
/// busy to tell.</param>
internal sealed record MachineLimits(double ReadBytesPerSecond, double? HotKernelMultiplyAdds, double? LineNanoseconds)
{
    private const double MaxNearNanoseconds = 150;

    /// <summary>
    /// Whether two processors share a last-level cache (near) or do not (far); virtual machines are moved between both while one measures.
    /// </summary>
    public string State => LineNanoseconds switch { null => "unknown", < MaxNearNanoseconds => "near", _ => "far" };

    /// <summary>The stricter of two.</summary>
    public static MachineLimits Faster(MachineLimits left, MachineLimits right) => new(
        Math.Max(left.ReadBytesPerSecond, right.ReadBytesPerSecond),
        left.HotKernelMultiplyAdds is { } l && right.HotKernelMultiplyAdds is { } r ? Math.Max(l, r) : null,
        right.LineNanoseconds);
}
