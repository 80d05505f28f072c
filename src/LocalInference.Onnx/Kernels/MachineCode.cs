using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace LocalInference.Onnx.Kernels;

/// <summary>What everything that writes machine code needs.</summary>
internal static class MachineCode
{
    /// <summary>The 512-bit registers by number.</summary>
    public static IReadOnlyList<AssemblerRegisterZMM> Zmm { get; } =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    /// <summary>The instructions as bytes, for any address: what was written must be position-independent.</summary>
    public static byte[] ToBytes(this Assembler code)
    {
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), 0);
        return stream.ToArray();
    }
}
