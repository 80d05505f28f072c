using System.Runtime.InteropServices;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// The kernels of one model: for each weight format that it has and each number of rows, assembled once when a runner is made. Must outlive every call.
/// </summary>
internal sealed unsafe class KernelSet : IDisposable
{
    private const int TableLength = RowGroups.MaxRows + 1;

    private readonly Dictionary<WeightFormat, int> _tables = [];
    private readonly ExecutablePages? _pages;
    private nint* _entries;

    /// <summary>Assembles kernels for the formats.</summary>
    /// <param name="formats">Each once or more often.</param>
    /// <param name="path">What to compute with; <see cref="KernelPath.Portable"/> assembles nothing.</param>
    public KernelSet(IEnumerable<WeightFormat> formats, KernelPath path)
    {
        foreach (WeightFormat format in formats)
            _tables.TryAdd(format, _tables.Count);
        _entries = (nint*)NativeMemory.AllocZeroed((nuint)Math.Max(_tables.Count, 1) * TableLength * (nuint)sizeof(nint));
        Path = KernelPath.Portable;
        if (path == KernelPath.Portable || _tables.Count == 0)
            return;
        _pages = ExecutablePages.TryMake(Assemble([.. _tables.Keys], path));
        if (_pages is null)
            return;
        Path = path;
        for (int i = 0; i < _pages.Entries.Count; i++)
            _entries[(i / RowGroups.MaxRows * TableLength) + (i % RowGroups.MaxRows) + 1] = _pages.Entries[i];
    }

    /// <summary>What is computed with: the path asked for, or the portable one where the system refuses executable pages.</summary>
    public KernelPath Path { get; }

    /// <summary>A format's kernels by number of rows (1 to 16); zeros mean the portable one.</summary>
    public nint* Table(WeightFormat format) => _entries + (_tables[format] * TableLength);

    /// <inheritdoc/>
    public void Dispose()
    {
        _pages?.Dispose();
        NativeMemory.Free(_entries);
        _entries = null;
    }

    private static byte[][] Assemble(WeightFormat[] formats, KernelPath path)
    {
        var kernels = new byte[formats.Length * RowGroups.MaxRows][];
        Parallel.For(0, kernels.Length, i => kernels[i] = ProductKernel.Assemble(formats[i / RowGroups.MaxRows], (i % RowGroups.MaxRows) + 1, path));
        return kernels;
    }
}
