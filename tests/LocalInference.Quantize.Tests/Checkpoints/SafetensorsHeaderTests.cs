using System.Buffers.Binary;
using System.Text;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Checkpoints;

/// <summary>
/// Headers that promise what the file does not hold: each is refused by file and tensor, with what was found and what is expected.
/// </summary>
public sealed class SafetensorsHeaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.In("model.safetensors");

    public static TheoryData<string, string, string> Headers => new()
    {
        { "negative offset", Entry("w", "[-8, 0]"), "'w' has the data_offsets [-8, 0]" },
        { "end before beginning", Entry("w", "[8, 0]"), "'w' has the data_offsets [8, 0]" },
        { "one offset", Entry("w", "[8]"), "'w'" },
        { "overlap", $"{Entry("a", "[0, 8]")}, {Entry("b", "[4, 12]")}, {Entry("c", "[12, 16]", "[1]")}",
            "'b' begins at byte 4 of the data; expected: 8, where tensor 'a' ends" },
        { "hole", $"{Entry("a", "[0, 8]")}, {Entry("c", "[12, 16]", "[1]")}",
            "'c' begins at byte 12 of the data; expected: 8, where tensor 'a' ends" },
        { "bytes behind the last tensor", Entry("a", "[0, 8]"), "8 bytes stand behind the last tensor, 'a'" },
        { "beyond the file", $"{Entry("a", "[0, 8]")}, {Entry("b", "[8, 24]", "[4]")}", "tensor 'b' ends at byte" },
        { "beyond all numbers", Entry("w", "[0, 9223372036854775807]"), "'w' ends at byte" },
        { "negative shape", Entry("w", "[0, 16]", "[-2, -2]"), "'w' has the shape [-2, -2]" },
        { "shape beyond all numbers", Entry("w", "[0, 16]", "[4294967296, 4294967296, 4294967296]"),
            "'w' has the shape [4294967296, 4294967296, 4294967296]" },
        { "bytes against the shape", Entry("w", "[0, 16]", "[3]"), "'w' has 16 bytes, but its shape [3] of F32 takes 12" },
        { "twice the same name", $"{Entry("w", "[0, 8]")}, {Entry("w", "[8, 16]")}", "'w' stands twice in the header" },
        { "no type", "\"w\": {\"shape\": [4], \"data_offsets\": [0, 16]}", "'w'" },
        { "type of another kind", "\"w\": {\"dtype\": 3, \"shape\": [4], \"data_offsets\": [0, 16]}", "'w'" },
        { "shape of another kind", "\"w\": {\"dtype\": \"F32\", \"shape\": \"4\", \"data_offsets\": [0, 16]}", "'w'" },
        { "no object", "\"w\": 3", "'w'" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Open_HeaderThatCannotBe_NamesFileAndTensor(string what, string header, string message)
    {
        Write($"{{{header}}}");
        string found = Assert.Throws<QuantizeException>(() => new SafetensorsFile(FilePath)).Message;
        Assert.True(found.StartsWith(FilePath, StringComparison.Ordinal), $"{what}: {found}");
        Assert.Contains(message, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100UL)]
    [InlineData(1UL << 40)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 7)]
    public void Open_HeaderLongerThanTheFile_SaysBothLengths(ulong length)
    {
        byte[] file = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        File.WriteAllBytes(FilePath, file);
        string found = Assert.Throws<QuantizeException>(() => new SafetensorsFile(FilePath)).Message;
        Assert.Contains($"{FilePath}: its header is said to have {length} bytes, but the file has only 64", found,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EmptyTensors_AreNoOverlap()
    {
        Write($"{{{Entry("a", "[0, 0]", "[0]")}, {Entry("b", "[0, 16]", "[4]")}, {Entry("c", "[16, 16]", "[0, 7]")}}}");
        using var file = new SafetensorsFile(FilePath);
        Assert.Equal([0, 7], file.ShapeOf("c"));
    }

    [Fact]
    public void Read_BlockOutsideTheTensor_IsABugAndNoForeignMemory()
    {
        Write($"{{{Entry("w", "[0, 16]", "[2, 2]")}}}");
        using var file = new SafetensorsFile(FilePath);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("w", new MatrixBlock(1, 2, 0, 2), new float[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("w", new MatrixBlock(-1, 1, 0, 2), new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("w", new MatrixBlock(0, 2, 1, 2), new float[4]));
    }

    public void Dispose() => _folder.Dispose();

    private static string Entry(string name, string offsets, string shape = "[2]") => $$"""
        "{{name}}": {"dtype": "F32", "shape": {{shape}}, "data_offsets": {{offsets}}}
        """;

    /// <summary>A file with this header and 16 bytes of data.</summary>
    private void Write(string header)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, json.Length);
        File.WriteAllBytes(FilePath, [.. size, .. json, .. new byte[16]]);
    }
}
