using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.In("model.safetensors");

    [Fact]
    public void Read_Block_ReadsRowsAndColumnsOfIt()
    {
        Tensors.WriteSafetensors(FilePath, ("w", "F32", [2, 3], Tensors.Bytes(1, 2, 3, 4, 5, 6)), ("v", "F32", [2], Tensors.Bytes(7, 8)));
        using var file = new SafetensorsFile(FilePath);
        float[] block = new float[4], vector = new float[2];
        file.Read("w", new MatrixBlock(0, 2, 1, 2), block);
        file.Read("v", new MatrixBlock(0, 2, 0, 1), vector);
        Assert.Equal([2, 3, 5, 6], block);
        Assert.Equal([7, 8], vector);
    }

    [Fact]
    public void Read_HalfTypes_AreWidened()
    {
        byte[] half = [.. BitConverter.GetBytes((Half)0.5f), .. BitConverter.GetBytes((Half)(-3))];
        byte[] upper = [.. BitConverter.GetBytes(1.5f)[2..], .. BitConverter.GetBytes(-0.25f)[2..]];
        Tensors.WriteSafetensors(FilePath, ("h", "F16", [1, 2], half), ("b", "BF16", [1, 2], upper));
        using var file = new SafetensorsFile(FilePath);
        float[] values = new float[2];
        file.Read("h", new MatrixBlock(0, 1, 0, 2), values);
        Assert.Equal([0.5f, -3], values);
        file.Read("b", new MatrixBlock(0, 1, 0, 2), values);
        Assert.Equal([1.5f, -0.25f], values);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Read_NotFinite_NamesFileTensorAndPlace(float value)
    {
        Tensors.WriteSafetensors(FilePath, ("w", "F32", [2, 2], Tensors.Bytes(1, 2, value, 4)));
        using var file = new SafetensorsFile(FilePath);
        string message = Assert.Throws<QuantizeException>(() => file.Read("w", new MatrixBlock(0, 2, 0, 2), new float[4])).Message;
        Assert.Contains(FilePath, message, StringComparison.Ordinal);
        Assert.Contains("'w' holds", message, StringComparison.Ordinal);
        Assert.Contains("row 1, column 0", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownType_NamesTheKnown()
    {
        Tensors.WriteSafetensors(FilePath, ("w", "F8_E4M3", [4], [1, 2, 3, 4]));
        using var file = new SafetensorsFile(FilePath);
        string message = Assert.Throws<QuantizeException>(() => file.Read("w", new MatrixBlock(0, 4, 0, 1), new float[4])).Message;
        Assert.Contains("F8_E4M3; known: F32, F16, BF16", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Truncated_NamesTensorAndLengths()
    {
        Tensors.WriteSafetensors(FilePath, ("w", "F32", [2, 2], Tensors.Bytes(1, 2, 3, 4)));
        byte[] whole = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, whole[..^5]);
        string message = Assert.Throws<QuantizeException>(() => new SafetensorsFile(FilePath)).Message;
        Assert.Contains($"tensor 'w' ends at byte {whole.Length}, but the file has only {whole.Length - 5} bytes", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ShapeThatDoesNotFitItsBytes_IsRefused()
    {
        Tensors.WriteSafetensors(FilePath, ("w", "F32", [2, 3], Tensors.Bytes(1, 2, 3, 4)));
        Assert.Contains("has 16 bytes, but its shape [2, 3] of F32 takes 24",
            Assert.Throws<QuantizeException>(() => new SafetensorsFile(FilePath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2 })]
    [InlineData(new byte[] { 255, 255, 0, 0, 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 91, 93 })]
    public void Open_NoSafetensors_IsRefused(byte[] bytes)
    {
        File.WriteAllBytes(FilePath, bytes);
        Assert.Contains(FilePath, Assert.Throws<QuantizeException>(() => new SafetensorsFile(FilePath)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
