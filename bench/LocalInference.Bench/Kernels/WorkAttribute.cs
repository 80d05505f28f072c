using System.Reflection;
using BenchmarkDotNet.Running;

namespace LocalInference.Bench.Kernels;

/// <summary>What one call of a benchmark does, so that its time can be shown as a speed.</summary>
/// <param name="multiplyAdds">Multiply-adds; 0 where there are none worth counting.</param>
/// <param name="bytes">Bytes of weights or logits from beyond a core's own caches; 0 where there are none worth counting.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WorkAttribute(double multiplyAdds, double bytes) : Attribute
{
    /// <summary>Multiply-adds.</summary>
    public double MultiplyAdds => multiplyAdds;

    /// <summary>Bytes.</summary>
    public double Bytes => bytes;

    /// <summary>A whole-numbered parameter that the multiply-adds are to be multiplied by; null for none.</summary>
    public string? Times { get; init; }

    /// <summary>A benchmark's work; null where it states none.</summary>
    public static WorkAttribute? Of(BenchmarkCase benchmark)
    {
        if (benchmark.Descriptor.WorkloadMethod.GetCustomAttribute<WorkAttribute>() is not { } work)
            return null;
        return work.Times is { } times ? new WorkAttribute(work.MultiplyAdds * (int)benchmark.Parameters[times], work.Bytes) : work;
    }
}
