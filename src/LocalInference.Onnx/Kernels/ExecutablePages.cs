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
    private const int EntryAlignment = 64;

    // The flag for memory without a file differs between the two systems.
    private static readonly int Anonymous = OperatingSystem.IsMacOS() ? 0x1000 : 0x20;

    private readonly nuint _length;
    private readonly nint[] _entries;
    private nint _start;

    private ExecutablePages(nint start, nuint length, int entries)
    {
        _start = start;
        _length = length;
        _entries = new nint[entries];
    }

    /// <summary>Where routines begin, in the order in which they were given.</summary>
    public IReadOnlyList<nint> Entries => _entries;

    /// <summary>Puts routines into pages, each at the beginning of a cache line.</summary>
    /// <param name="routines">Position-independent; at least one.</param>
    /// <returns>Null where the system refuses executable memory (a hardened container, for one).</returns>
    public static ExecutablePages? TryMake(IReadOnlyList<byte[]> routines)
    {
        var length = (nuint)routines.Sum(r => Aligned(r.Length));
        nint start = Map(0, length, Readable | Writable, Private | Anonymous, -1, 0);
        if (start == -1)
            return null;
        var pages = new ExecutablePages(start, length, routines.Count);
        nint next = start;
        for (int i = 0; i < routines.Count; i++)
        {
            routines[i].CopyTo(new Span<byte>((void*)next, routines[i].Length));
            pages._entries[i] = next;
            next += Aligned(routines[i].Length);
        }
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

    private static int Aligned(int bytes) => (bytes + EntryAlignment - 1) / EntryAlignment * EntryAlignment;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
