using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Weights;

/// <summary>The file of all weights, laid out in full before the first byte is written.</summary>
/// <param name="file">As long as the plan says.</param>
internal sealed class DataFile(OutputFile file) : IDisposable
{
    /// <summary>Writes a part of a tensor.</summary>
    /// <param name="tensor">Which.</param>
    /// <param name="offset">Bytes from the tensor's start.</param>
    /// <param name="bytes">What.</param>
    public void Write(StoredTensor tensor, long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset + bytes.Length > tensor.Length)
            throw new InvalidOperationException($"Tensor {tensor.Name} has {tensor.Length} bytes; {bytes.Length} at {offset} do not fit.");
        file.Write($"tensor '{tensor.Name}'", tensor.Offset + offset, bytes);
    }

    public void Dispose() => file.Dispose();
}
