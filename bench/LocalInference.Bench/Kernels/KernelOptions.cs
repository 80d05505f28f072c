using System.CommandLine;
using LocalInference.Bench.Load;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Matrix;

namespace LocalInference.Bench.Kernels;

/// <summary>Command-line options of <c>bench kernels</c>, with errors that name what is allowed.</summary>
internal static class KernelOptions
{
    /// <summary>Bits of a weight that kernels are assembled for.</summary>
    private static readonly int[] AllBits = [4, 8];

    private static readonly int[] AllBlocks = [16, 32, 64, 128, 256];

    private static readonly KernelPath[] Assembled = [.. Enum.GetValues<KernelPath>().Where(p => p != KernelPath.Portable)];

    public static Option<string[]> Filter() => new("--filter")
    {
        Description = "Benchmarks to run: those whose name contains one of these, for example Product or AttentionBenchmarks.Decode; "
            + "* stands for any text.",
        HelpName = "TEXT",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Option<bool> Listing() => new("--listing")
    {
        Description = "Prints an assembled product kernel as text in place of measuring.",
    };

    public static Option<KernelPath> Path() => new("--path")
    {
        Description = $"Of --listing: the instructions, {string.Join(", ", Assembled)}. Default: the fastest of this machine.",
        HelpName = "PATH",
        DefaultValueFactory = _ => KernelPaths.Best == KernelPath.Portable ? KernelPath.Avx512Vnni : KernelPaths.Best,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            foreach (KernelPath path in Assembled)
                if (string.Equals(text, path.ToString(), StringComparison.OrdinalIgnoreCase))
                    return path;
            result.AddError(
                $"--path is '{text}'; it must be one of {string.Join(", ", Assembled)} (the portable path is C#, which nobody assembles).");
            return default;
        },
    };

    public static Option<int> Rows() => LoadOptions.Number("--rows", 4, 1, RowGroups.MaxRows, "Of --listing: rows of the kernel.");

    public static Option<int> Bits() => OneOf("--bits", 4, AllBits, "Of --listing: bits of a weight.");

    public static Option<int> Block() => OneOf("--block", 32, AllBlocks, "Of --listing: weights along K that share a scale.");

    private static Option<int> OneOf(string name, int byDefault, int[] allowed, string description) => new(name)
    {
        Description = $"{description} {string.Join(", ", allowed)}.",
        HelpName = "N",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (allowed.FirstOrDefault(n => $"{n}" == text) is not 0 and var found) return found;
            result.AddError($"{name} is '{text}'; it must be one of {string.Join(", ", allowed)}.");
            return byDefault;
        },
    };
}
