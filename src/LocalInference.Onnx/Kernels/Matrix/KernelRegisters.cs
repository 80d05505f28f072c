using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// Who gets which register in a <see cref="ProductKernel"/>: unpacked codes, scales, totals where they fit, two temporaries, and sums in what is left.
/// </summary>
internal sealed class KernelRegisters
{
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _planes;
    private readonly int _lines;
    private readonly int _totals;
    private readonly int _sums;
    private readonly int _bundle;

    /// <param name="format">The weight's.</param>
    /// <param name="rows">Rows of the kernel.</param>
    /// <param name="vector">The width.</param>
    /// <param name="maxBundle">Rows at a time at most.</param>
    public KernelRegisters(WeightFormat format, int rows, VectorCode vector, int maxBundle)
    {
        _rows = rows;
        _columns = WeightFormat.TileOutputs / vector.Lanes;
        Unpacks = format.Bits == 4 || !vector.HasDot;
        HasHighSums = format.Bits == 8 && !vector.HasDot;
        ActivationsPerLine = format.Bits == 4 ? 2 : 1;
        _planes = Unpacks ? 2 : 1;
        KeepsCodes = vector.RegisterCount == 32;
        _lines = KeepsCodes ? format.LinesPerSlab : 1;
        // 8-bit codes in two halves take twice the registers: then one column at a time.
        ColumnsAtOnce = HasHighSums && KeepsCodes ? 1 : 2;
        int next = ColumnsAtOnce * _lines * _planes;
        Scales = KeepsCodes ? Take(ref next, _columns) : 0;
        Activation = Take(ref next, 1);
        // 512-bit vpdpbusd takes its operands from memory or adds in place: nothing is ever on its way.
        Scratch = KeepsCodes && vector.HasDot ? Activation : Take(ref next, 1);
        Mask = KeepsCodes && Unpacks ? Take(ref next, 1) : null;
        int sumsPerRow = ColumnsAtOnce * (HasHighSums ? 2 : 1);
        KeepsTotals = KeepsCodes && vector.RegisterCount - next >= rows * (_columns + sumsPerRow);
        _totals = KeepsTotals ? Take(ref next, rows * _columns) : 0;
        _sums = next;
        _bundle = Math.Min((vector.RegisterCount - next) / sumsPerRow, maxBundle);
    }

    /// <summary>Whether a slab's codes stay in registers while all rows pass.</summary>
    public bool KeepsCodes { get; }

    /// <summary>Whether results stay in registers from the first block to the last; else they lie in the first-level cache.</summary>
    public bool KeepsTotals { get; }

    /// <summary>Registers of a tile's row that are computed side by side, sharing the broadcast activations.</summary>
    public int ColumnsAtOnce { get; }

    /// <summary>Whether a line becomes two registers of codes.</summary>
    public bool Unpacks { get; }

    /// <summary>Whether high halves of codes have sums of their own.</summary>
    public bool HasHighSums { get; }

    /// <summary>How many times four activations a line is multiplied with.</summary>
    public int ActivationsPerLine { get; }

    /// <summary>The first register of scales.</summary>
    public int Scales { get; }

    public int ScaleOf(int column, int offset) => Scales + (KeepsCodes ? column + offset : offset);

    /// <summary>For broadcast activations, and afterwards for factors.</summary>
    public int Activation { get; }

    /// <summary>For a product on its way into a sum.</summary>
    public int Scratch { get; }

    /// <summary>Holds 0x0F in every byte; null where memory does.</summary>
    public int? Mask { get; }

    public int Codes(int column, int line, int half) => (((column * _lines) + (KeepsCodes ? line : 0)) * _planes) + half;

    public int Sum(int row, int column) => _sums + (((row * ColumnsAtOnce) + column) * (HasHighSums ? 2 : 1));

    public int HighSum(int row, int column) => Sum(row, column) + 1;

    public int Total(int row, int column) => _totals + (row * _columns) + column;

    /// <summary>Near-equal bundles of rows.</summary>
    public IEnumerable<(int First, int Count)> Bundles()
    {
        int bundles = (_rows + _bundle - 1) / _bundle, first = 0;
        for (int i = 0; i < bundles; i++)
        {
            int count = (_rows / bundles) + (i < _rows % bundles ? 1 : 0);
            yield return (first, count);
            first += count;
        }
    }

    private static int Take(ref int next, int count) => (next += count) - count;
}
