using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>
/// One safetensors file, mapped: 8 bytes of header length, a JSON header, raw little-endian data. Nothing is read before it is asked for,
/// and the operating system may drop what was read, so files larger than memory are fine.
/// </summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly long _length;
    private Dictionary<string, SafetensorsEntry> _entries;

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="QuantizeException">It is none, or shorter than its header says.</exception>
    public SafetensorsFile(string path)
    {
        Path = path;
        long length = _length = new FileInfo(path).Length;
        if (length < 8)
            throw Fault($"the file has {length} bytes; a safetensors file begins with 8 bytes of header length", null);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        try
        {
            ReadHeader(length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    public IReadOnlyCollection<string> Names => _entries.Keys;

    public IReadOnlyList<long> ShapeOf(string name) => _entries[name].Shape;

    public ElementType TypeOf(string name) => _entries[name].Type ?? throw UnknownType(name);

    /// <summary>Reads a block of a matrix, widened to single precision.</summary>
    public void Read(string name, MatrixBlock block, Span<float> values)
    {
        SafetensorsEntry entry = _entries[name];
        ElementType type = entry.Type ?? throw UnknownType(name);
        long columns = entry.Shape.Length > 1 ? entry.Shape[^1] : 1;
        CheckBlock(entry, block, columns);
        bool isWhole = block.ColumnCount == columns;
        int runs = isWhole ? 1 : block.RowCount, run = isWhole ? block.ElementCount : block.ColumnCount;
        for (int i = 0; i < runs; i++)
        {
            byte* from = _start + entry.Offset + ((((block.FirstRow + i) * columns) + block.FirstColumn) * type.Size());
            type.ToFloats(new ReadOnlySpan<byte>(from, run * type.Size()), values.Slice(i * run, run));
        }
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude(values[..block.ElementCount])))
            throw NotFinite(name, block, values);
    }

    /// <summary>Lets go of the pages that were read; they can be read again.</summary>
    public void Release() => MappedPages.Release(_start, _length);

    public void Dispose()
    {
        if (_start is not null)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_entries))]
    private void ReadHeader(long length)
    {
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_start, 8));
        if (headerLength > (ulong)length - 8 || headerLength > int.MaxValue)
            throw Fault($"its header is said to have {headerLength} bytes, but the file has only {length}", null);
        _entries = new SafetensorsHeader(8 + (long)headerLength, length, Fault).Read(new ReadOnlySpan<byte>(_start + 8, (int)headerLength));
    }

    /// <summary>A reader that asks for more than there is must not be given what lies behind it.</summary>
    private static void CheckBlock(SafetensorsEntry entry, MatrixBlock block, long columns)
    {
        long rows = columns == 0 ? 0 : entry.Shape.Aggregate(1L, (product, d) => product * d) / columns;
        ArgumentOutOfRangeException.ThrowIfNegative(block.FirstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(block.FirstColumn);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.FirstRow + block.RowCount, rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.FirstColumn + block.ColumnCount, columns);
    }

    private QuantizeException UnknownType(string name) => QuantizeException.At(
        Path, $"tensor '{name}' is {_entries[name].TypeName}; known: F32, F16, BF16", "Convert the checkpoint to bfloat16 first");

    private QuantizeException NotFinite(string name, MatrixBlock block, ReadOnlySpan<float> values)
    {
        int at = 0;
        while (float.IsFinite(values[at]))
            at++;
        return QuantizeException.At(
            Path,
            $"tensor '{name}' holds {values[at]} at row {block.FirstRow + (at / block.ColumnCount)}, column "
                + $"{block.FirstColumn + (at % block.ColumnCount)}; expected: finite numbers",
            "Download the file again");
    }

    private QuantizeException Fault(string problem, Exception? inner) =>
        QuantizeException.At(Path, problem, "Download the file again (a Git LFS pointer is a small text file)", inner);
}
