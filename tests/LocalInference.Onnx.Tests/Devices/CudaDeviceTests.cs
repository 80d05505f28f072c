using LocalInference.Onnx.Devices;

namespace LocalInference.Onnx.Tests.Devices;

public class CudaDeviceTests
{
    private static readonly CudaDevice[] Two =
    [
        new(0, "H100", "GPU-11111111-2222-3333-4444-555555555555", 80L << 30),
        new(1, "L4", "GPU-11119999-2222-3333-4444-555555555555", 24L << 30),
    ];

    [Theory]
    [InlineData(null, 0)]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("GPU-11119999-2222-3333-4444-555555555555", 1)]
    [InlineData("gpu-11111", 0)]
    public void Choose_IndexOrUuid_FindsIt(string? asked, int expected) => Assert.Equal(expected, CudaDevice.Choose(Two, asked).Index);

    [Theory]
    [InlineData("2", "No GPU answers to '2'")]
    [InlineData("H100", "No GPU answers to 'H100'")]
    [InlineData("GPU-1111", "More than one GPU answers to 'GPU-1111'")]
    public void Choose_NoneOrSeveral_ListsThem(string asked, string expected)
    {
        string message = Assert.Throws<ArgumentException>(() => CudaDevice.Choose(Two, asked)).Message;
        Assert.StartsWith(expected, message);
        Assert.EndsWith(
            "there are 0: H100, 81920 MiB, GPU-11111111-2222-3333-4444-555555555555; "
            + "1: L4, 24576 MiB, GPU-11119999-2222-3333-4444-555555555555.",
            message);
    }

    [Fact]
    public void Choose_NoDevices_SaysSo() =>
        Assert.EndsWith("there are none.", Assert.Throws<ArgumentException>(() => CudaDevice.Choose([], null)).Message);

    [Fact]
    public void For_GpuNamedForTheProcessor_IsRefused() => Assert.Equal(
        "The GPU '1' is asked for, but the model runs on cpu. GPUs can be chosen for the device 'cuda' only.",
        Assert.Throws<ArgumentException>(() => DeviceChoice.For("cpu", "1")).Message);
}
