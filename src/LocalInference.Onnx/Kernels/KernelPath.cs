using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LocalInference.Onnx.Kernels;

/// <summary>The instructions that quantised matrix products are computed with. All give the same bits.</summary>
public enum KernelPath
{
    /// <summary>C# for any processor: the reference that the others are tested against, and what runs where code cannot be assembled.</summary>
    Portable,

    /// <summary>256 bits, <c>vpmaddubsw</c>: x64 processors since 2013.</summary>
    Avx2,

    /// <summary>256 bits, <c>vpdpbusd</c>: processors without AVX-512 since about 2021.</summary>
    AvxVnni,

    /// <summary>512 bits, <c>vpmaddubsw</c>: servers since 2017.</summary>
    Avx512,

    /// <summary>512 bits, <c>vpdpbusd</c>: servers since 2019.</summary>
    Avx512Vnni,
}

/// <summary>What this machine's processor has.</summary>
public static class KernelPaths
{
    private const int Avx512VnniBit = 11;
    private const int AvxVnniBit = 4;
    private const int Avx512BFloat16Bit = 5;

    /// <summary>The paths that run here, slowest first.</summary>
    public static IReadOnlyList<KernelPath> Supported { get; } = [.. Enum.GetValues<KernelPath>().Where(IsSupported)];

    /// <summary>The fastest of them.</summary>
    public static KernelPath Best => Supported[^1];

    /// <summary>Whether products of bfloat16 have an instruction, <c>vdpbf16ps</c>, beside those of <see cref="KernelPath.Avx512Vnni"/>.</summary>
    internal static bool HasBFloat16Products { get; } = IsSupported(KernelPath.Avx512Vnni) && HasBit(Avx512BFloat16Bit);

    private static bool IsSupported(KernelPath path) => path switch
    {
        KernelPath.Portable => true,
        // Kernels are written for the calling convention of Linux and macOS.
        _ when RuntimeInformation.ProcessArchitecture != Architecture.X64 || OperatingSystem.IsWindows() => false,
        KernelPath.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        KernelPath.AvxVnni => Avx2.IsSupported && Fma.IsSupported && HasAvxVnni(),
        KernelPath.Avx512 => Avx512BW.IsSupported,
        _ => Avx512BW.IsSupported && HasAvx512Vnni(),
    };

    // .NET has no question for the 512-bit form, so the processor is asked itself.
    private static bool HasAvx512Vnni() => (X86Base.CpuId(7, 0).Ecx >> Avx512VnniBit & 1) == 1;

    private static bool HasAvxVnni() => HasBit(AvxVnniBit);

    private static bool HasBit(int bit) => X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax >> bit & 1) == 1;
}
