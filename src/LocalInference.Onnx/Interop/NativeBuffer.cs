using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// A growing array outside the managed heap, at an address that ONNX Runtime may be bound to. Aligned to cache lines. Not thread-safe.
/// </summary>
/// <typeparam name="T">The element.</typeparam>
internal unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private const nuint Alignment = 64;

    /// <summary>Makes an array whose contents are undefined.</summary>
    /// <param name="length">Elements; at least 1.</param>
    public NativeBuffer(long length) => Allocate(length);

    /// <summary>The first element; changes when the array grows.</summary>
    public T* Address { get; private set; }

    /// <summary>Elements.</summary>
    public long Length { get; private set; }

    /// <summary>Elements of the array's beginning.</summary>
    public Span<T> Span(int length) => new(Address, length);

    /// <summary>Makes room; at least doubles, so that a slowly growing need costs few moves. The contents are lost when it moves.</summary>
    public void Ensure(long length)
    {
        if (length <= Length)
            return;
        long grown = Math.Max(length, Length * 2);
        Dispose();
        Allocate(grown);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Address);
        Address = null;
        Length = 0;
    }

    private void Allocate(long length)
    {
        Address = (T*)NativeMemory.AlignedAlloc(checked((nuint)length * (nuint)sizeof(T)), Alignment);
        Length = length;
    }
}
