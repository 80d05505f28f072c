namespace LocalInference.Onnx.Interop;

/// <summary>A step's input or output in host memory, as sessions are bound to it.</summary>
internal unsafe interface IHostTensor : IDisposable
{
    /// <summary>Its name in UTF-8.</summary>
    byte* Name { get; }

    /// <summary>Its ONNX element type.</summary>
    int ElementType { get; }

    /// <summary>Bytes of an element.</summary>
    int ElementBytes { get; }

    /// <summary>The first element; changes when the buffer grows.</summary>
    void* Data { get; }

    /// <summary>The step's rows; 0 of an output that it does not want.</summary>
    long Rows { get; }

    /// <summary>Their width; -1 for a vector.</summary>
    long Columns { get; }
}

/// <summary>A growing buffer that is an input or output of a session. Not thread-safe.</summary>
/// <typeparam name="T">The element.</typeparam>
/// <param name="name">The tensor's.</param>
/// <param name="elementType">The ONNX element type that <typeparamref name="T"/> is.</param>
/// <param name="length">Elements at first; at least 1.</param>
internal sealed unsafe class HostTensor<T>(string name, int elementType, long length) : NativeBuffer<T>(length), IHostTensor
    where T : unmanaged
{
    /// <inheritdoc/>
    public byte* Name { get; } = OrtFunctions.Name(name);

    /// <inheritdoc/>
    public int ElementType => elementType;

    /// <inheritdoc/>
    public int ElementBytes => sizeof(T);

    /// <inheritdoc/>
    public void* Data => Address;

    /// <inheritdoc/>
    public long Rows { get; private set; }

    /// <inheritdoc/>
    public long Columns { get; private set; } = -1;

    /// <summary>The step's elements.</summary>
    public Span<T> Values => Span(checked((int)(Rows * Math.Abs(Columns))));

    /// <summary>Takes on a step's shape; what the buffer holds is lost where it must grow for it.</summary>
    /// <param name="rows">0 or more.</param>
    /// <param name="columns">-1 for a vector.</param>
    public void Shape(long rows, long columns = -1)
    {
        Ensure(rows * Math.Abs(columns));
        (Rows, Columns) = (rows, columns);
    }
}
