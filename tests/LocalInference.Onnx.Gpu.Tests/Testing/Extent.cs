namespace LocalInference.Onnx.Gpu.Tests.Testing;

/// <summary>How much of the long tests runs: all of it is for people, a part for every change.</summary>
internal static class Extent
{
    /// <summary>Set LOCALINFERENCE_DEVICE_TESTS to <c>all</c> for all (<c>./scripts/test --device webgpu --all</c>).</summary>
    public static bool IsWhole { get; } = Environment.GetEnvironmentVariable("LOCALINFERENCE_DEVICE_TESTS") == "all";
}
