using Microsoft.Win32.SafeHandles;

namespace LocalInference.Quantize.Folders;

/// <summary>A file of known length that is written in parts, in any order, by all cores. What the disk refuses is told with the bytes
/// wanted and free.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly IDisk _disk;
    private readonly SafeFileHandle _handle;
    private readonly long _length;

    /// <summary>Takes the whole room on disk at once: a disk that is too small is told before hours of work.</summary>
    public OutputFile(string path, long length, IDisk disk)
    {
        (Path, _length, _disk) = (path, length, disk);
        try
        {
            _handle = disk.Create(path, length);
        }
        catch (IOException e)
        {
            throw Fault("the file", e);
        }
    }

    public string Path { get; }

    /// <summary>Writes a part.</summary>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="offset">Bytes from the file's start.</param>
    /// <param name="bytes">The part.</param>
    public void Write(string what, long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            _disk.Write(_handle, bytes, offset);
        }
        catch (IOException e)
        {
            throw Fault(what, e);
        }
    }

    public void Dispose() => _handle.Dispose();

    private QuantizeException Fault(string what, IOException e) => QuantizeException.At(
        Path,
        $"{what} cannot be written ({e.Message.TrimEnd('.')}); wanted: {_length} bytes for the file, free on this disk: "
            + $"{(_disk.FreeBytes(Path) is { } free ? $"{free} bytes" : "unknown")}",
        "Make room, or choose another folder",
        e);
}
