using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>
/// Machine code in memory of its own: written first, then made executable and no longer writable, never both at once.
/// Must outlive every call into it.
/// </summary>
internal sealed unsafe partial class ExecutablePages : IDisposable
{
    private const int Readable = 1;
    private const int Writable = 2;
    private const int Executable = 4;
    private const int Private = 2;

    // The flag for memory without a file differs between the two systems.
    private static readonly int Anonymous = OperatingSystem.IsMacOS() ? 0x1000 : 0x20;

    private readonly nuint _length;
    private nint _start;

    private ExecutablePages(nint start, nuint length)
    {
        _start = start;
        _length = length;
    }

    /// <summary>The first byte.</summary>
    public nint Start => _start;

    /// <summary>Puts code into pages.</summary>
    /// <param name="code">Position-independent.</param>
    /// <returns>Null where the system refuses executable memory (a hardened container, for one).</returns>
    public static ExecutablePages? TryMake(ReadOnlySpan<byte> code)
    {
        var length = (nuint)code.Length;
        nint start = Map(0, length, Readable | Writable, Private | Anonymous, -1, 0);
        if (start == -1)
            return null;
        var pages = new ExecutablePages(start, length);
        code.CopyTo(new Span<byte>((void*)start, code.Length));
        if (Protect(start, length, Readable | Executable) == 0)
            return pages;
        pages.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_start != 0)
            _ = Unmap(_start, _length);
        _start = 0;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
