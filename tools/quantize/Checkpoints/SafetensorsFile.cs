using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using System.Text.Json;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>
/// One safetensors file, mapped: 8 bytes of header length, a JSON header, raw little-endian data. Nothing is read before it is asked for, and the
/// operating system may drop what was read, so files larger than memory are fine.
/// </summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="QuantizeException">It is none, or shorter than its header says.</exception>
    public SafetensorsFile(string path)
    {
        Path = path;
        long length = new FileInfo(path).Length;
        if (length < 8)
            throw Fault($"the file has {length} bytes; a safetensors file begins with 8 bytes of header length");
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
        Entry entry = _entries[name];
        ElementType type = entry.Type ?? throw UnknownType(name);
        long columns = entry.Shape.Length > 1 ? entry.Shape[^1] : 1;
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

    public void Dispose()
    {
        if (_start is not null)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }

    private void ReadHeader(long length)
    {
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_start, 8));
        if (headerLength > (ulong)length - 8 || headerLength > int.MaxValue)
            throw Fault($"its header is said to have {headerLength} bytes, but the file has only {length}");
        try
        {
            var reader = new Utf8JsonReader(new ReadOnlySpan<byte>(_start + 8, (int)headerLength));
            using JsonDocument header = JsonDocument.ParseValue(ref reader);
            foreach (JsonProperty property in header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
                _entries[property.Name] = ReadEntry(property, 8 + (long)headerLength, length);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            throw Fault($"its header is no valid safetensors header ({e.Message.TrimEnd('.')})", e);
        }
    }

    private Entry ReadEntry(JsonProperty property, long dataStart, long length)
    {
        JsonElement entry = property.Value;
        string type = entry.GetProperty("dtype").GetString()!;
        long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        long from = entry.GetProperty("data_offsets")[0].GetInt64(), to = entry.GetProperty("data_offsets")[1].GetInt64();
        if (from < 0 || to < from || dataStart + to > length)
            throw Fault($"tensor '{property.Name}' ends at byte {dataStart + to}, but the file has only {length} bytes (a download that broke off?)");
        ElementType? known = Enum.GetValues<ElementType>().Cast<ElementType?>().FirstOrDefault(t => t!.Value.SafetensorsName() == type);
        long elements = shape.Aggregate(1L, (product, d) => checked(product * d));
        if (known is { } sized && to - from != elements * sized.Size())
            throw Fault($"tensor '{property.Name}' has {to - from} bytes, but its shape [{string.Join(", ", shape)}] of {type} takes {elements * sized.Size()}");
        return new Entry(known, type, shape, dataStart + from);
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
            $"tensor '{name}' holds {values[at]} at row {block.FirstRow + (at / block.ColumnCount)}, column {block.FirstColumn + (at % block.ColumnCount)}; expected: finite numbers",
            "Download the file again");
    }

    private QuantizeException Fault(string problem, Exception? inner = null) =>
        QuantizeException.At(Path, problem, "Download the file again (a Git LFS pointer is a small text file)", inner);

    private sealed record Entry(ElementType? Type, string TypeName, long[] Shape, long Offset);
}
