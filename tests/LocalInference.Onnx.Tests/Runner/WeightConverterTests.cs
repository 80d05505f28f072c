using System.Runtime.InteropServices;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Runner;

public unsafe class WeightConverterTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(6, 600_000)]
    public void Convert_FileInPieces_GivesEveryElement(int offset, int elements)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "w.bin");
        Half[] values = [.. Enumerable.Range(0, elements).Select(i => (Half)(i % 2039))];
        File.WriteAllBytes(path, [.. new byte[offset], .. MemoryMarshal.AsBytes<Half>(values).ToArray()]);
        using var target = new NativeBuffer<float>(elements);
        WeightConverter.Convert(Weight(path, offset, elements, OnnxTypes.Float16, OnnxTypes.Float), (byte*)target.Address);
        Assert.Equal(values.Select(v => (float)v), target.Span(elements).ToArray());
    }

    [Fact]
    public void Convert_FileThatEndsEarly_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("w.bin", "xx");
        Assert.Contains("w.bin: the file ends inside the tensor 'w'", Refusal(Weight(path, 0, 2, OnnxTypes.Float16, OnnxTypes.Float)));
    }

    [Fact]
    public void Convert_NumberBeyondFloat16_IsRefused() => Assert.Contains(
        "the tensor 'w' has values that float16 cannot hold. Serve the model on the CPU",
        Refusal(Weight(null, 0, 2, OnnxTypes.Float, OnnxTypes.Float16) with { Data =
            [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(1e6f)] }));

    private static RetypedWeight Weight(string? file, int offset, int elements, int from, int to) =>
        new() { Name = "w", Dims = [elements], SourceType = from, Type = to, File = file, FileOffset = offset, Data = [] };

    private static string Refusal(RetypedWeight weight)
    {
        using var target = new NativeBuffer<byte>(weight.Bytes);
        var address = (nint)target.Address;
        return Assert.Throws<ModelFolderException>(() => WeightConverter.Convert(weight, (byte*)address)).Message;
    }
}
