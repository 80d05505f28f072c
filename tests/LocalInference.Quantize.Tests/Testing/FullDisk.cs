using LocalInference.Quantize.Folders;
using Microsoft.Win32.SafeHandles;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>A disk that has so many bytes left: files that take their room at once are refused when it is spent, or, where they do not, the
/// write that does not fit.</summary>
/// <param name="free">Bytes in all.</param>
/// <param name="takesRoomAtOnce">False for file systems that promise room they do not have.</param>
internal sealed class FullDisk(long free, bool takesRoomAtOnce) : IDisk
{
    private readonly LocalDisk _disk = new();
    private long _free = free;

    /// <summary>Called before each write.</summary>
    public Action<long> OnWrite { get; init; } = _ => { };

    public SafeFileHandle Create(string path, long length)
    {
        if (takesRoomAtOnce)
            Take(length);
        return _disk.Create(path, 0);
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        OnWrite(Interlocked.Read(ref _free));
        if (!takesRoomAtOnce)
            Take(bytes.Length);
        _disk.Write(file, bytes, offset);
    }

    public long? FreeBytes(string path) => Math.Max(0, Interlocked.Read(ref _free));

    private void Take(long bytes)
    {
        if (Interlocked.Add(ref _free, -bytes) < 0)
        {
            Interlocked.Add(ref _free, bytes);
            throw new IOException("No space left on device.");
        }
    }
}
