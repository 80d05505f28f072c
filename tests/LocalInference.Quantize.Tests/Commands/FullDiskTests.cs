using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Commands;

/// <summary>
/// A disk that fills up, at every point of the work: the file is named with the bytes wanted and free, and nothing is left.
/// </summary>
public sealed class FullDiskTests : IDisposable
{
    private const long DataBytes = 3359744;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1000, true, "model.onnx.data: the file cannot be written")]
    [InlineData(DataBytes + 1000, true, "model.onnx: the file cannot be written")]
    [InlineData(1000, false, "model.onnx.data: tensor '")]
    [InlineData(DataBytes / 2, false, "model.onnx.data: tensor '")]
    [InlineData(DataBytes + 1000, false, "model.onnx: the file cannot be written")]
    public void Convert_FullDisk_NamesFileBytesWantedAndFree(long free, bool takesRoomAtOnce, string part)
    {
        Cli run = Cli.RunOn(new FullDisk(free, takesRoomAtOnce), "--random", "tiny-qwen2", _folder.In("out"));
        AssertTold(run, part);
        if (part.Contains(".data", StringComparison.Ordinal))
            Assert.Contains($"wanted: {DataBytes} bytes for the file, free on this disk: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, "config.json: the file cannot be written")]
    [InlineData(100_000, ".safetensors: ")]
    public void WriteCheckpoint_FullDisk_NamesFileBytesWantedAndFree(long free, string part) =>
        AssertTold(Cli.RunOn(new FullDisk(free, takesRoomAtOnce: false), "--random", "tiny-qwen2", _folder.In("out"), "--checkpoint"),
            part);

    [Fact]
    public void Convert_FullDiskUnderForce_KeepsTheOldFolder()
    {
        string target = _folder.In("out");
        Cli.Run("--random", "tiny-qwen2", target).Succeeded();
        byte[] before = File.ReadAllBytes(Path.Combine(target, "model.onnx.data"));
        Assert.Equal(1, Cli.RunOn(new FullDisk(1000, takesRoomAtOnce: false), "--random", "tiny-qwen2", target, "--seed", "2",
            "--force").ExitCode);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(target, "model.onnx.data")));
        Assert.Equal([target], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private void AssertTold(Cli run, string part)
    {
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.Contains("No space left on device", run.Error, StringComparison.Ordinal);
        Assert.Matches(@"wanted: \d+ bytes for the file, free on this disk: \d+ bytes", run.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }
}
