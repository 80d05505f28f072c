using System.Runtime.InteropServices;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>
/// Tells the operating system that mapped pages may go: they stay in its file cache, but no longer count as this process's memory.
/// </summary>
internal static partial class MappedPages
{
    private const int DontNeed = 4;

    /// <summary>Lets go of a whole mapping; reading it again is slower, and never wrong. A system that has no such call drops pages by
    /// itself, later.</summary>
    public static unsafe void Release(byte* start, long length)
    {
        if (OperatingSystem.IsLinux())
            _ = Advise((nint)start, (nuint)length, DontNeed);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);
}
