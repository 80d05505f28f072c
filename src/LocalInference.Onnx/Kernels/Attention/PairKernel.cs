using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// Writes what <see cref="SmallProduct{TVector, TLanes, TTerms}"/> does with <see cref="IntegerPairTerms{TVector, TLanes}"/> as machine code with
/// <c>vpdpwssd</c>, which .NET does not offer in 512 bits: half the instructions, and up to six rows in one pass over B. The bits are the same.
/// Of bfloat16 it writes <c>vdpbf16ps</c>, and nothing stands for anything else.
/// </summary>
/// <remarks>
/// Called as <c>void kernel(PairJob* job)</c> by the System V convention. For each 64 columns, with all sums in registers:
/// <code>
/// along the depth:   B: 4 registers of 16 lanes          sum[row][0 … 3] += B[0 … 3] · a[row], the row's pair standing in all lanes
///                    as much of what is read next is fetched
/// at the end:        C[row] = (C[row] × carry[row]) + float(sum) × scale[row]
/// </code>
/// What is left of the columns goes one register at a time.
/// </remarks>
internal sealed class PairKernel
{
    /// <summary>Rows that one pass takes at most: four sums each, and the columns of B beside them, fill 28 of 32 registers.</summary>
    public const int MaxRows = 6;

    private const int Columns = 4;
    private const int LineBytes = 64;
    private const int ColumnLanes = 16;
    private const int RowsOfPointer = 3;

    private static readonly AssemblerRegister64 Job = rdi;
    private static readonly AssemblerRegister64 Left = rsi;
    private static readonly AssemblerRegister64 LaterLeft = rdx;
    private static readonly AssemblerRegister64 LeftStride = rcx;
    private static readonly AssemblerRegister64 Right = r8;
    private static readonly AssemblerRegister64 RightStride = r9;
    private static readonly AssemblerRegister64 Ahead = r10;
    private static readonly AssemblerRegister64 Count = r11;
    private static readonly AssemblerRegister64 Result = rax;
    private static readonly AssemblerRegisterZMM[] Pairs = [zmm28, zmm29, zmm30, zmm31];
    private static readonly AssemblerRegisterZMM Value = zmm28;
    private static readonly AssemblerRegisterZMM Factor = zmm29;

    private readonly Assembler _code = new(64);
    private readonly int _rows;
    private readonly bool _carries;
    private readonly KvType _type;

    private PairKernel(int rows, bool carries, KvType type)
    {
        _rows = rows;
        _carries = carries;
        _type = type;
    }

    /// <summary>Bytes of 16 columns of B.</summary>
    private int RightBytes => ColumnLanes * 2 * AttentionMemory.BytesOf(_type);

    /// <summary>Assembles a kernel.</summary>
    /// <param name="rows">1 to <see cref="MaxRows"/>.</param>
    /// <param name="carries">Whether C is multiplied by the job's carries and added to; else it is overwritten.</param>
    /// <param name="type">What B holds pairs of: integers of 16 bits, bytes that are widened to them as they are loaded, or bfloat16.</param>
    /// <returns>Position-independent code.</returns>
    public static byte[] Assemble(int rows, bool carries, KvType type)
    {
        var kernel = new PairKernel(rows, carries, type);
        kernel.Write();
        return kernel._code.ToBytes();
    }

    private void Write()
    {
        Label wide = _code.CreateLabel(), narrow = _code.CreateLabel(), end = _code.CreateLabel();
        _code.mov(LeftStride, Field(nameof(PairJob.LeftStride)));
        _code.mov(RightStride, Field(nameof(PairJob.RightStride)));
        _code.mov(Ahead, Field(nameof(PairJob.Ahead)));
        _code.Label(ref wide);
        _code.cmp(Field(nameof(PairJob.WidthBytes)), Columns * LineBytes);
        _code.jl(narrow);
        WriteColumns(Columns);
        _code.jmp(wide);
        _code.Label(ref narrow);
        _code.cmp(Field(nameof(PairJob.WidthBytes)), LineBytes);
        _code.jl(end);
        WriteColumns(1);
        _code.jmp(narrow);
        _code.Label(ref end);
        _code.vzeroupper();
        _code.ret();
    }

    /// <summary>Some columns for all rows; moves the job on by them.</summary>
    private void WriteColumns(int columns)
    {
        Label loop = _code.CreateLabel();
        _code.mov(Left, Field(nameof(PairJob.Left)));
        if (_rows > RowsOfPointer)
        {
            _code.lea(LaterLeft, __[LeftStride + (LeftStride * 2)]);
            _code.add(LaterLeft, Left);
        }
        _code.mov(Right, Field(nameof(PairJob.Right)));
        _code.mov(Count, Field(nameof(PairJob.Depth)));
        for (int i = 0; i < _rows * columns; i++)
            _code.vpxord(MachineCode.Zmm[i], MachineCode.Zmm[i], MachineCode.Zmm[i]);
        _code.Label(ref loop);
        for (int at = 0; at < columns * RightBytes; at += LineBytes)
            Fetch(__byte_ptr[Ahead + at]);
        for (int column = 0; column < columns; column++)
            LoadPairs(MachineCode.Zmm[(MaxRows * Columns) + column], __[Right + (column * RightBytes)]);
        for (int row = 0; row < _rows; row++)
        {
            AssemblerRegisterZMM pair = Pairs[row % Pairs.Length];
            _code.vpbroadcastd(pair, __dword_ptr[LeftAt(row)]);
            for (int column = 0; column < columns; column++)
                AddProducts(MachineCode.Zmm[(row * columns) + column], MachineCode.Zmm[(MaxRows * Columns) + column], pair);
        }
        _code.add(Left, sizeof(int));
        if (_rows > RowsOfPointer)
            _code.add(LaterLeft, sizeof(int));
        _code.add(Right, RightStride);
        _code.add(Ahead, columns * RightBytes);
        _code.dec(Count);
        _code.jnz(loop);
        WriteResults(columns);
        _code.add(Field(nameof(PairJob.Right)), columns * RightBytes);
        _code.add(Field(nameof(PairJob.Result)), columns * LineBytes);
        _code.sub(Field(nameof(PairJob.WidthBytes)), columns * LineBytes);
    }

    private void LoadPairs(AssemblerRegisterZMM register, AssemblerMemoryOperand from)
    {
        if (_type == KvType.Int8)
            _code.vpmovsxbw(register, from);
        else
            _code.vmovdqu32(register, from);
    }

    private void AddProducts(AssemblerRegisterZMM sum, AssemblerRegisterZMM pairs, AssemblerRegisterZMM pair)
    {
        if (_type == KvType.Bfloat16)
            _code.vdpbf16ps(sum, pairs, pair);
        else
            _code.vpdpwssd(sum, pairs, pair);
    }

    /// <summary>
    /// Into the first level where it holds a unit's keys and, meanwhile, its values, 16 KB each. In a smaller one they drive each other out: a third slower than
    /// into the second (Zen 4, 32 KB).
    /// </summary>
    private void Fetch(AssemblerMemoryOperand line)
    {
        if (FirstLevelCache.Bytes >= FirstLevelCache.RoomyBytes)
            _code.prefetcht0(line);
        else
            _code.prefetcht1(line);
    }

    private void WriteResults(int columns)
    {
        _code.mov(Result, Field(nameof(PairJob.Result)));
        _code.mov(Left, Field(nameof(PairJob.Scales)));
        if (_carries)
            _code.mov(Right, Field(nameof(PairJob.Carries)));
        for (int row = 0; row < _rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                AssemblerRegisterZMM sum = MachineCode.Zmm[(row * columns) + column];
                if (_type != KvType.Bfloat16)
                {
                    _code.vcvtdq2ps(sum, sum);
                    _code.vmulps(sum, sum, __dword_bcst[Left + (row * sizeof(float))]);
                }
                if (_carries)
                {
                    if (column == 0)
                        _code.vbroadcastss(Factor, __dword_ptr[Right + (row * sizeof(float))]);
                    _code.vmovups(Value, __[Result + (column * LineBytes)]);
                    _code.vfmadd231ps(sum, Value, Factor);
                }
                _code.vmovups(__[Result + (column * LineBytes)], sum);
            }
            _code.add(Result, Field(nameof(PairJob.ResultStride)));
        }
    }

    private static AssemblerMemoryOperand LeftAt(int row)
    {
        AssemblerRegister64 from = row < RowsOfPointer ? Left : LaterLeft;
        return (row % RowsOfPointer) switch
        {
            0 => __[from],
            1 => __[from + LeftStride],
            _ => __[from + (LeftStride * 2)],
        };
    }

    private static AssemblerMemoryOperand Field(string name) => __qword_ptr[Job + (int)Marshal.OffsetOf<PairJob>(name)];
}
