using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Bench.Machine;

/// <summary>The machine and the versions that a result belongs to.</summary>
/// <param name="Processor">Its name.</param>
/// <param name="Processors">How many this process may use.</param>
/// <param name="Instructions">What matters here of what it knows.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">.NET.</param>
/// <param name="OnnxRuntime">The library.</param>
/// <param name="LocalInference">The product.</param>
internal sealed record MachineFacts(
    string Processor, int Processors, IReadOnlyList<string> Instructions, string System, string Runtime, string OnnxRuntime,
    string LocalInference)
{
    private static readonly string[] Interesting = ["avx2", "avx_vnni", "avx512bw", "avx512_vnni", "avx512_bf16", "asimd", "i8mm", "bf16"];

    public static MachineFacts Read()
    {
        string[] cpu = File.Exists("/proc/cpuinfo") ? File.ReadAllLines("/proc/cpuinfo") : [];
        string flags = Field(cpu, "flags") ?? Field(cpu, "Features") ?? (Avx2.IsSupported ? "avx2" : "");
        return new MachineFacts(
            Field(cpu, "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
            Environment.ProcessorCount,
            [.. flags.Split(' ').Intersect(Interesting)],
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            OrtEnv.Instance().GetVersionString(),
            typeof(MachineFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");
    }

    private static string? Field(string[] lines, string name) =>
        lines.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim();
}
