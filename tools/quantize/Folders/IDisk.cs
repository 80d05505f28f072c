using Microsoft.Win32.SafeHandles;

namespace LocalInference.Quantize.Folders;

/// <summary>The lowest layer of all that is written: the operating system's files, or a disk that a test fills up.</summary>
internal interface IDisk
{
    /// <summary>Makes a new file and takes its whole room at once.</summary>
    /// <exception cref="IOException">There is not so much room.</exception>
    SafeFileHandle Create(string path, long length);

    /// <summary>Writes at a place. Thread-safe.</summary>
    /// <exception cref="IOException">There is no room, or the device fails.</exception>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Bytes that a file at this place could still take; null where the system does not tell.</summary>
    long? FreeBytes(string path);
}

/// <summary>The operating system's files.</summary>
internal sealed class LocalDisk : IDisk
{
    public SafeFileHandle Create(string path, long length) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public long? FreeBytes(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
