using System.IO.MemoryMappedFiles;
using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Weights;

/// <summary>
/// Maps weight files while they are repacked. Disposal unmaps them: from then on their pages are the system's to reuse, and none counts as
/// this process's.
/// </summary>
internal sealed unsafe class WeightFiles : IDisposable
{
    private readonly Dictionary<string, Mapping> _mappings = [];

    /// <summary>Where a tensor's bytes are, until disposal.</summary>
    /// <exception cref="ModelFolderException">The file is shorter than the tensor's end.</exception>
    public byte* Address(TensorSource source)
    {
        if (source.File is null)
            return Pin(source);
        if (!_mappings.TryGetValue(source.File, out Mapping? mapping))
            _mappings[source.File] = mapping = new Mapping(source.File);
        return source.Offset + source.Length <= mapping.Length
            ? mapping.Start + source.Offset
            : throw new ModelFolderException(
                source.File,
                $"the file has {mapping.Length} bytes, but a tensor ends at byte {source.Offset + source.Length}",
                "Fetch it again");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Mapping mapping in _mappings.Values)
            mapping.Dispose();
        _mappings.Clear();
    }

    /// <summary>A tensor inside the graph: kept in place under a name of its own until disposal.</summary>
    private byte* Pin(TensorSource source)
    {
        var mapping = new Mapping(source.Bytes);
        _mappings[$"\0{_mappings.Count}"] = mapping;
        return mapping.Start;
    }

    private sealed class Mapping : IDisposable
    {
        private readonly MemoryMappedFile? _file;
        private readonly MemoryMappedViewAccessor? _view;
        private System.Buffers.MemoryHandle _pin;

        public Mapping(string path)
        {
            Length = new FileInfo(path).Length;
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            _file = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Start = start + _view.PointerOffset;
        }

        public Mapping(ReadOnlyMemory<byte> bytes)
        {
            _pin = bytes.Pin();
            Start = (byte*)_pin.Pointer;
            Length = bytes.Length;
        }

        public byte* Start { get; }

        public long Length { get; }

        public void Dispose()
        {
            _view?.SafeMemoryMappedViewHandle.ReleasePointer();
            _view?.Dispose();
            _file?.Dispose();
            _pin.Dispose();
        }
    }
}
