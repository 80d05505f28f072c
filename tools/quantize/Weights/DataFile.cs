namespace LocalInference.Quantize.Weights;

/// <summary>The file of all weights, laid out in full before the first byte is written: parts of it are then written in any order, by all cores.</summary>
internal sealed class DataFile : IDisposable
{
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle;

    /// <summary>Takes the whole room on disk at once: a disk that is too small is told before hours of work.</summary>
    public DataFile(string path, long length)
    {
        Path = path;
        try
        {
            _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
        }
        catch (IOException e)
        {
            throw QuantizeException.At(path, $"cannot be written: {e.Message.TrimEnd('.')} ({length} bytes are needed)", "Make room, or choose another folder", e);
        }
    }

    public string Path { get; }

    /// <summary>Writes a part of a tensor.</summary>
    /// <param name="tensor">Which.</param>
    /// <param name="offset">Bytes from the tensor's start.</param>
    /// <param name="bytes">What.</param>
    public void Write(StoredTensor tensor, long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset + bytes.Length > tensor.Length)
            throw new InvalidOperationException($"Tensor {tensor.Name} has {tensor.Length} bytes; {bytes.Length} at {offset} do not fit.");
        try
        {
            RandomAccess.Write(_handle, bytes, tensor.Offset + offset);
        }
        catch (IOException e)
        {
            throw QuantizeException.At(Path, $"tensor '{tensor.Name}' cannot be written: {e.Message.TrimEnd('.')}", "Make room, or choose another folder", e);
        }
    }

    public void Dispose() => _handle.Dispose();
}
