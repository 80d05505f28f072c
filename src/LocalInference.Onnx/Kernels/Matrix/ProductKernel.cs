using Iced.Intel;
using LocalInference.Onnx.Weights;
using static Iced.Intel.AssemblerRegisters;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// Writes the kernel that multiplies one tile of a weight (32 outputs, all of K) with a group of rows, for one weight format and number of rows.
/// </summary>
/// <remarks>
/// Called as <c>void kernel(byte* tile, byte* activations, float* result, nint blocks)</c> by the System V convention; result is [rows][32] floats.
/// One slab of 32 k of one tile, from file to register (4 bits, 512-bit registers; <see cref="WeightFormat"/> and <see cref="ActivationFormat"/> draw both streams):
/// <code>
/// line  │o0: k0 k1 k2 k3 │o1: … │ … o15│   Unpack    codes[g]   = low halves:  k 4g … 4g+3 of 16 outputs      16 registers for the
///       └ 64 bytes, two k a byte ──────┘  ────────►  codes[g+4] = high halves: k 16+4g …                      slab's 8 × 2 lines
///
/// each row:   sum  = correction (in all lanes)
///             sum += codes[g] · a[4g … 4g+3]         vpdpbusd, g = 0 … 7; the row's four activations stand in all lanes
///             result[row] += float(sum) × (weight scale × activation scale)       once a slab, rounded once: that order is every path's,
///                                                                                 so all paths and all numbers of rows give the same bits
/// </code>
/// With 512 bits a slab's codes stay unpacked in registers while all rows pass. 256-bit processors have too few registers for that: there
/// a line is unpacked, multiplied with a bundle of rows, and forgotten.
/// </remarks>
internal sealed class ProductKernel
{
    // Rows whose sums are computed side by side, so that one's chain of additions fills the waiting times of another's.
    private const int MaxBundle = 4;

    private static readonly AssemblerRegister64 Tile = rdi;
    private static readonly AssemblerRegister64 Activations = rsi;
    private static readonly AssemblerRegister64 Result = rdx;
    private static readonly AssemblerRegister64 Blocks = rcx;
    private static readonly AssemblerRegister64 Header = r9;
    private static readonly AssemblerRegister32 Slabs = eax;

    private readonly WeightFormat _format;
    private readonly ActivationFormat _activations;
    private readonly int _rows;
    private readonly Assembler _code;
    private readonly VectorCode _vector;
    private readonly KernelRegisters _registers;
    private readonly PrefetchCode _prefetch;
    private readonly int _bias;

    private ProductKernel(WeightFormat format, int rows, Assembler code, VectorCode vector)
    {
        _format = format;
        _activations = format.Activations;
        _rows = rows;
        _code = code;
        _vector = vector;
        _registers = new KernelRegisters(format, rows, vector, MaxBundle);
        _prefetch = new PrefetchCode(code, Tile, WeightPrefetch.For(rows, FirstLevelCache.Bytes));
        // Displacements around the stream's middle fit one byte more often.
        _bias = Math.Min(rows * _activations.SlabSize, 512);
    }

    private int Columns => WeightFormat.TileOutputs / _vector.Lanes;

    /// <summary>Assembles a kernel.</summary>
    /// <param name="format">The weight's.</param>
    /// <param name="rows">1 to 16.</param>
    /// <param name="path">Any but <see cref="KernelPath.Portable"/>.</param>
    /// <param name="usesEvex">Encodes the 256-bit <c>vpdpbusd</c> as AVX-512 has it, so that machines without AVX-VNNI can test that path.</param>
    /// <returns>Position-independent code.</returns>
    public static byte[] Assemble(WeightFormat format, int rows, KernelPath path, bool usesEvex = false)
    {
        var code = new Assembler(64) { PreferVex = !usesEvex };
        bool hasDot = path is KernelPath.AvxVnni or KernelPath.Avx512Vnni;
        VectorCode vector = path is KernelPath.Avx512 or KernelPath.Avx512Vnni ? new ZmmCode(code, hasDot) : new YmmCode(code, hasDot);
        new ProductKernel(format, rows, code, vector).Write();
        return code.ToBytes();
    }

    private void Write()
    {
        Label block = _code.CreateLabel(), slab = _code.CreateLabel();
        _code.add(Activations, _bias);
        ClearTotals();
        if (_registers.Mask is { } mask)
            _vector.LoadMask(mask);
        _code.Label(ref block);
        _code.mov(Header, Tile);
        if (_registers.KeepsCodes)
            LoadScales(_registers.Scales);
        _prefetch.Begin(_format.HeaderBytes, steps: 1);
        _prefetch.Step();
        _code.add(Tile, _format.HeaderBytes);
        if (_format.SlabsPerBlock > 1)
        {
            _code.mov(Slabs, _format.SlabsPerBlock);
            _code.Label(ref slab);
        }
        WriteSlab();
        _code.add(Tile, _format.SlabCodeBytes);
        _code.add(Activations, _rows * _activations.SlabBytes);
        if (_format.SlabsPerBlock > 1)
        {
            _code.dec(Slabs);
            _code.jnz(slab);
        }
        _code.dec(Blocks);
        _code.jnz(block);
        StoreTotals();
        _code.vzeroupper();
        _code.ret();
        _vector.WriteConstants();
    }

    private void WriteSlab()
    {
        var bundles = _registers.Bundles().ToList();
        _prefetch.Begin(_format.SlabCodeBytes, Columns / _registers.ColumnsAtOnce * bundles.Count * _format.LinesPerSlab);
        for (int column = 0; column < Columns; column += _registers.ColumnsAtOnce)
        {
            if (_registers.KeepsCodes)
                for (int line = 0; line < _format.LinesPerSlab; line++)
                    LoadLine(column, line);
            foreach ((int first, int count) in bundles)
                WriteBundle(column, first, count);
        }
    }

    /// <summary>All of a slab for some columns and a bundle of rows.</summary>
    private void WriteBundle(int column, int firstRow, int count)
    {
        StartSums(firstRow, count);
        for (int line = 0; line < _format.LinesPerSlab; line++)
        {
            _prefetch.Step();
            if (!_registers.KeepsCodes)
                LoadLine(column, line);
            for (int half = 0; half < _registers.ActivationsPerLine; half++)
                for (int row = 0; row < count; row++)
                    AddLine(firstRow, row, line, half);
        }
        FinishSums(column, firstRow, count);
        if (!_registers.KeepsCodes)
            LoadScales(_registers.Scales, column);
        for (int row = 0; row < count; row++)
            for (int c = 0; c < _registers.ColumnsAtOnce; c++)
                AddToTotal(column + c, firstRow + row, _registers.Sum(row, c), _registers.ScaleOf(column, c));
    }

    private void LoadLine(int column, int line)
    {
        for (int c = 0; c < _registers.ColumnsAtOnce; c++)
        {
            int half = (column + c) * _vector.Lanes / WeightFormat.LineOutputs, within = (column + c) * _vector.Bytes % WeightFormat.LineBytes;
            AssemblerMemoryOperand from = __[Tile + (((half * _format.LinesPerSlab) + line) * WeightFormat.LineBytes) + within];
            if (_registers.Unpacks)
                _vector.Unpack(_registers.Codes(c, line, 0), _registers.Codes(c, line, 1), from, _registers.Mask);
            else
                _vector.Load(_registers.Codes(c, line, 0), from);
        }
    }

    /// <summary>Sums begin with the correction where it can be added first, and with zero elsewhere.</summary>
    private void StartSums(int firstRow, int count)
    {
        for (int row = 0; row < count; row++)
            for (int c = 0; c < _registers.ColumnsAtOnce; c++)
            {
                if (!_vector.HasDot || _format.HasZeroPoints)
                    _vector.Clear(_registers.Sum(row, c));
                else if (c == 0)
                    _vector.Broadcast(_registers.Sum(row, c), Correction(firstRow + row));
                else
                    _vector.Copy(_registers.Sum(row, c), _registers.Sum(row, 0));
                if (_registers.HasHighSums)
                    _vector.Clear(_registers.HighSum(row, c));
            }
    }

    private void AddLine(int firstRow, int row, int line, int half)
    {
        // Of 4-bit codes the high halves belong to the slab's second half of k; those of 8-bit codes to the same k.
        int four = line + (half * _format.LinesPerSlab);
        _vector.Broadcast(_registers.Activation, __dword_ptr[Activations + ((firstRow + row) * _activations.SlabSize) + (four * sizeof(int)) - _bias]);
        for (int c = 0; c < _registers.ColumnsAtOnce; c++)
        {
            _vector.AddProducts(_registers.Sum(row, c), _registers.Codes(c, line, half), _registers.Activation, _registers.Scratch);
            if (_registers.HasHighSums)
                _vector.AddProducts(_registers.HighSum(row, c), _registers.Codes(c, line, 1), _registers.Activation, _registers.Scratch);
        }
    }

    private void FinishSums(int column, int firstRow, int count)
    {
        for (int row = 0; row < count; row++)
            for (int c = 0; c < _registers.ColumnsAtOnce; c++)
            {
                int sum = _registers.Sum(row, c);
                _vector.FinishSum(sum);
                if (_registers.HasHighSums)
                {
                    _vector.FinishSum(_registers.HighSum(row, c));
                    _vector.AddSixteenfold(sum, _registers.HighSum(row, c));
                }
                if (_format.HasZeroPoints)
                {
                    _vector.LoadZeroPoints(_registers.Activation, __[Header + _format.ScaleBytes + ((column + c) * _vector.Lanes * sizeof(short))]);
                    _vector.AddZeroPoints(sum, _registers.Activation, Correction(firstRow + row), _registers.Scratch);
                }
                else if (!_vector.HasDot)
                    _vector.AddEverywhere(sum, Correction(firstRow + row), _registers.Scratch);
            }
    }

    private void AddToTotal(int column, int row, int sum, int scales)
    {
        _vector.ToFloat(sum);
        _vector.Scale(_registers.Activation, scales, __dword_ptr[Activations + (_rows * _activations.SlabSize) + (row * sizeof(float)) - _bias]);
        if (_registers.KeepsTotals)
        {
            _vector.Accumulate(_registers.Total(row, column), sum, _registers.Activation);
            return;
        }
        _vector.MultiplyAdd(sum, _registers.Activation, ResultAt(row, column));
        _vector.Store(ResultAt(row, column), sum);
    }

    private void LoadScales(int register, int column = 0)
    {
        for (int c = 0; c < (_registers.KeepsCodes ? Columns : _registers.ColumnsAtOnce); c++)
            _vector.LoadScales(register + c, __[Header + ((column + c) * _vector.Lanes * (_format.HasHalfScales ? 2 : 4))], _format.HasHalfScales);
    }

    private void ClearTotals()
    {
        if (!_registers.KeepsTotals)
            _vector.Clear(0);
        for (int row = 0; row < _rows; row++)
            for (int column = 0; column < Columns; column++)
            {
                if (_registers.KeepsTotals)
                    _vector.Clear(_registers.Total(row, column));
                else
                    _vector.Store(ResultAt(row, column), 0);
            }
    }

    private void StoreTotals()
    {
        if (!_registers.KeepsTotals)
            return;
        for (int row = 0; row < _rows; row++)
            for (int column = 0; column < Columns; column++)
                _vector.Store(ResultAt(row, column), _registers.Total(row, column));
    }

    private AssemblerMemoryOperand Correction(int row) =>
        __dword_ptr[Activations + (_rows * (_activations.SlabSize + sizeof(float))) + (row * sizeof(int)) - _bias];

    private AssemblerMemoryOperand ResultAt(int row, int column) =>
        __[Result + (row * WeightFormat.TileOutputs * sizeof(float)) + (column * _vector.Bytes)];
}
