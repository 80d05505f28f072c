using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>512-bit registers, AVX-512: a constant or a single number may be broadcast from memory inside an instruction.</summary>
internal sealed class ZmmCode(Assembler assembler, bool hasDot) : VectorCode(assembler, hasDot)
{
    private static readonly IReadOnlyList<AssemblerRegisterZMM> Registers = MachineCode.Zmm;

    public override int Lanes => 16;

    public override int RegisterCount => Registers.Count;

    public override void Clear(int register) => Code.vpxord(Registers[register], Registers[register], Registers[register]);

    public override void Load(int register, AssemblerMemoryOperand from) => Code.vmovdqa64(Registers[register], from);

    public override void Store(AssemblerMemoryOperand to, int register) => Code.vmovaps(to, Registers[register]);

    public override void Copy(int to, int from) => Code.vmovdqa64(Registers[to], Registers[from]);

    public override void Broadcast(int register, AssemblerMemoryOperand from) => Code.vpbroadcastd(Registers[register], from);

    public override void Unpack(int low, int high, AssemblerMemoryOperand line, int? mask)
    {
        Code.vmovdqa64(Registers[low], line);
        Code.vpsrlw(Registers[high], Registers[low], 4);
        foreach (int register in (int[])[low, high])
        {
            if (mask is { } nibbles)
                Code.vpandd(Registers[register], Registers[register], Registers[nibbles]);
            else
                Code.vpandd(Registers[register], Registers[register], Nibbles);
        }
    }

    protected override void LoadUnaligned(int register, AssemblerMemoryOperand from) => Code.vmovdqu64(Registers[register], from);

    public override void AddProducts(int sum, int codes, int activations, int scratch)
    {
        if (HasDot)
        {
            Code.vpdpbusd(Registers[sum], Registers[codes], Registers[activations]);
            return;
        }
        Code.vpmaddubsw(Registers[scratch], Registers[codes], Registers[activations]);
        Code.vpaddw(Registers[sum], Registers[sum], Registers[scratch]);
    }

    public override void FinishSum(int sum)
    {
        if (!HasDot)
            Code.vpmaddwd(Registers[sum], Registers[sum], Ones);
    }

    public override void AddSixteenfold(int sum, int high)
    {
        Code.vpslld(Registers[high], Registers[high], 4);
        Code.vpaddd(Registers[sum], Registers[sum], Registers[high]);
    }

    public override void AddEverywhere(int sum, AssemblerMemoryOperand from, int scratch) =>
        Code.vpaddd(Registers[sum], Registers[sum], InEveryLane(from));

    public override void LoadZeroPoints(int register, AssemblerMemoryOperand from) => Code.vpmovzxwd(Registers[register], from);

    public override void AddZeroPoints(int sum, int zeroPoints, AssemblerMemoryOperand number, int scratch)
    {
        if (HasDot)
        {
            Code.vpdpwssd(Registers[sum], Registers[zeroPoints], InEveryLane(number));
            return;
        }
        Code.vpbroadcastd(Registers[scratch], number);
        Code.vpmaddwd(Registers[scratch], Registers[scratch], Registers[zeroPoints]);
        Code.vpaddd(Registers[sum], Registers[sum], Registers[scratch]);
    }

    public override void LoadScales(int register, AssemblerMemoryOperand from, bool half)
    {
        if (half)
            Code.vcvtph2ps(Registers[register], from);
        else
            Code.vmovaps(Registers[register], from);
    }

    public override void ToFloat(int register) => Code.vcvtdq2ps(Registers[register], Registers[register]);

    public override void Scale(int product, int scales, AssemblerMemoryOperand factor) =>
        Code.vmulps(Registers[product], Registers[scales], InEveryLane(factor));

    public override void MultiplyAdd(int value, int factor, AssemblerMemoryOperand addend) =>
        Code.vfmadd213ps(Registers[value], Registers[factor], addend);

    public override void Accumulate(int total, int value, int factor) => Code.vfmadd231ps(Registers[total], Registers[value], Registers[factor]);

    private static AssemblerMemoryOperand InEveryLane(AssemblerMemoryOperand from) => __dword_bcst[from];
}
