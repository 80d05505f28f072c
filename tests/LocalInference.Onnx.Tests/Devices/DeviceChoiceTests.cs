using LocalInference.Onnx.Devices;

namespace LocalInference.Onnx.Tests.Devices;

public class DeviceChoiceTests
{
    [Fact]
    public void For_AutoOnTheCpuLibrary_TakesTheCpuAndSaysWhyNotTheOthers()
    {
        DeviceChoice choice = DeviceChoice.For("auto");
        Assert.Equal("cpu", choice.Name);
        Assert.Equal(["cuda", "webgpu"], choice.Rejected.Select(r => r.Name));
        Assert.All(choice.Rejected, r => Assert.Contains("the loaded onnxruntime library has no", r.Reason));
        Assert.StartsWith("cpu (not cuda: the loaded onnxruntime library", choice.ToString());
    }

    [Theory]
    [InlineData("", "cuda", 0)]
    [InlineData("cuda", "webgpu", 1)]
    [InlineData("cuda webgpu", "cpu", 2)]
    public void For_Auto_TakesTheBestThatWorks(string broken, string expected, int rejected)
    {
        DeviceChoice choice = DeviceChoice.For(
            "auto", device => broken.Contains(device, StringComparison.Ordinal) ? $"{device} is broken" : null);
        Assert.Equal((expected, rejected), (choice.Name, choice.Rejected.Count));
        Assert.All(choice.Rejected, r => Assert.Equal($"{r.Name} is broken", r.Reason));
    }

    [Fact]
    public void For_NamedDevice_IsItOrRefused()
    {
        Assert.Equal("webgpu", DeviceChoice.For("webgpu", _ => null).ToString());
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => DeviceChoice.For("webgpu", _ => "the adapter is broken"));
        Assert.Contains(
            "The device 'webgpu' cannot be used: the adapter is broken. Or let the server choose: --device auto.", refusal.Message);
    }

    [Fact]
    public void For_UnknownName_SaysWhatIsAllowed() => Assert.Contains(
        "The device 'tpu' is not known; allowed: 'auto', 'cpu', 'webgpu', 'cuda'.", Assert.Throws<ArgumentException>(
            () => DeviceChoice.For("tpu")).Message);
}
