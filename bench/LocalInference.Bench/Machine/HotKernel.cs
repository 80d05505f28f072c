using System.Diagnostics;
using System.Runtime.InteropServices;
using Iced.Intel;
using LocalInference.Onnx.Kernels;
using static Iced.Intel.AssemblerRegisters;

namespace LocalInference.Bench.Machine;

/// <summary>
/// The limit of int4 arithmetic here: one tile of 32 outputs by 16 rows over 48 blocks of 32, with everything such a product needs
/// (unpacking, exact integer sums by <c>vpdpbusd</c>, two scales and a multiply-add a block), over data that never leaves the first-level
/// cache. Needs AVX512-VNNI.
/// </summary>
internal sealed unsafe class HotKernel : IDisposable
{
    private const int Rows = 16;
    private const int RowsOfBundle = 4;
    private const int Blocks = 48;
    private const int BlockInputs = 32;
    private const int Outputs = 32;
    private const int WeightBytes = (Outputs * BlockInputs / 2) + (Outputs * 2);
    private const int RowBytes = BlockInputs + sizeof(float) + sizeof(int);
    private const int Calls = 400;
    private const int Rounds = 6;

    private readonly int _threads;
    private readonly ExecutablePages _code;

    /// <param name="threads">That compute.</param>
    public HotKernel(int threads)
    {
        _threads = threads;
        _code = ExecutablePages.TryMake([Assemble().ToBytes()])
            ?? throw new BenchException("The system refuses executable memory, so no kernel's limit can be measured.");
    }

    public static bool IsSupported => KernelPaths.Supported.Contains(KernelPath.Avx512Vnni);

    /// <returns>Multiply-adds a second, all threads together, at best.</returns>
    public double Measure()
    {
        double[] best = new double[_threads];
        Thread[] threads = [.. Enumerable.Range(0, _threads).Select(i => new Thread(() => best[i] = Run()))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return best.Sum();
    }

    public void Dispose() => _code.Dispose();

    private double Run()
    {
        const nuint Line = 64;
        nuint weights = Blocks * WeightBytes, activations = Blocks * Rows * RowBytes, outputs = Rows * Outputs * sizeof(float);
        byte* memory = (byte*)NativeMemory.AlignedAlloc(weights + activations + outputs + (2 * Line), Line);
        new Span<byte>(memory, (int)(weights + activations + outputs)).Clear();
        var kernel = (delegate* unmanaged<byte*, byte*, float*, void>)_code.Entries[0];
        double best = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int call = 0; call < Calls; call++) kernel(memory, memory + weights, (float*)(memory + weights + activations));
            best = Math.Max(best, (double)Calls * Rows * Outputs * Blocks * BlockInputs / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        NativeMemory.AlignedFree(memory);
        return best;
    }

    /// <summary>System V: rdi weights, rsi activations ([block]{rows of 32 int8, scales, sums}), rdx outputs [16][32].</summary>
    private static Assembler Assemble()
    {
        var code = new Assembler(64);
        AssemblerRegisterZMM[] scales = [MachineCode.Zmm[16], MachineCode.Zmm[17]], free = [.. MachineCode.Zmm.Skip(19)];
        AssemblerRegisterZMM mask = MachineCode.Zmm[18];
        Label loop = code.CreateLabel();
        code.mov(eax, 0x0f0f0f0f);
        code.vpbroadcastd(mask, eax);
        code.mov(eax, Blocks);
        code.Label(ref loop);
        for (int half = 0; half < 2; half++)
        {
            for (int line = 0; line < 4; line++)
            {
                AssemblerRegisterZMM low = MachineCode.Zmm[(half * 8) + line], high = MachineCode.Zmm[(half * 8) + line + 4];
                code.vmovdqa64(low, __zmmword_ptr[rdi + (half * 256) + (line * 64)]);
                code.vpsrlw(high, low, 4);
                code.vpandd(low, low, mask);
                code.vpandd(high, high, mask);
            }
            code.vcvtph2ps(scales[half], __ymmword_ptr[rdi + 512 + (half * 32)]);
        }
        for (int row = 0; row < Rows; row += RowsOfBundle) Bundle(code, row, scales, free);
        code.add(rdi, WeightBytes);
        code.add(rsi, Rows * RowBytes);
        code.dec(eax);
        code.jnz(loop);
        code.vzeroupper();
        code.ret();
        return code;
    }

    /// <summary>Four rows side by side, so that the processor need not look far ahead for independent work.</summary>
    private static void Bundle(Assembler code, int first, AssemblerRegisterZMM[] scales, AssemblerRegisterZMM[] free)
    {
        AssemblerRegisterZMM[] sums = free[..(2 * RowsOfBundle)], spare = free[(2 * RowsOfBundle)..];
        int next = 0;
        for (int row = 0; row < RowsOfBundle; row++)
        {
            code.vpbroadcastd(sums[2 * row], __dword_ptr[rsi + (Rows * (BlockInputs + 4)) + ((first + row) * 4)]);
            code.vmovdqa64(sums[(2 * row) + 1], sums[2 * row]);
        }
        for (int group = 0; group < 8; group++)
            for (int row = 0; row < RowsOfBundle; row++)
            {
                AssemblerRegisterZMM input = spare[next++ % spare.Length];
                code.vpbroadcastd(input, __dword_ptr[rsi + ((first + row) * BlockInputs) + (group * 4)]);
                code.vpdpbusd(sums[2 * row], MachineCode.Zmm[group], input);
                code.vpdpbusd(sums[(2 * row) + 1], MachineCode.Zmm[8 + group], input);
            }
        foreach (AssemblerRegisterZMM sum in sums) code.vcvtdq2ps(sum, sum);
        for (int row = 0; row < RowsOfBundle; row++)
            for (int half = 0; half < 2; half++)
            {
                AssemblerRegisterZMM scale = spare[next++ % spare.Length];
                AssemblerMemoryOperand output = __zmmword_ptr[rdx + ((first + row) * Outputs * 4) + (half * 64)];
                code.vmulps(scale, scales[half], __dword_bcst[rsi + (Rows * BlockInputs) + ((first + row) * 4)]);
                code.vfmadd213ps(sums[(2 * row) + half], scale, output);
                code.vmovaps(output, sums[(2 * row) + half]);
            }
    }
}
