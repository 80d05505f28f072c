using LocalInference.Core.Options;
using LocalInference.Onnx.Kernels;
using LocalInference.Options;

namespace LocalInference.Tests.Options;

public sealed class LocalInferenceOptionsTests
{
    [Fact]
    public void Ctor_Defaults_OnlyTheModelIsMissing()
    {
        LocalInferenceOptions options = new();
        Assert.Equal(["Model: a value is required."], OptionFaults.Of(options));
        Assert.Equal(("cpu", null), (options.Device, options.File));
        Assert.Equal((null, null, null), (options.Kernels.Path, options.Kernels.Threads, options.Kernels.KvType));
        Assert.Equal((null, null), (options.OnnxRuntime.Library, options.OnnxRuntime.Gpu));
    }

    [Fact]
    public void Invalid_ReportsEveryErrorOfEverySection()
    {
        LocalInferenceOptions options = new()
        {
            Device = "tpu",
            Kernels = new() { Path = (KernelPath)99, Threads = 0, KvType = (KvType)99 },
            Engine = new() { MaxSequences = 0 },
            Cloud = new() { ConnectTimeout = TimeSpan.Zero },
            Api = new() { MaxTools = -1 },
        };
        Assert.Equal(
            [
                "Model: a value is required.",
                "Kernels:Path: found '99', allowed is Portable, Avx2, AvxVnni, Avx512, Avx512Vnni.",
                "Kernels:Threads: found 0, allowed is 1 to 1024.",
                "Kernels:KvType: found '99', allowed is Float32, Bfloat16, Int16, Int8.",
                "Engine:MaxSequences: found 0, allowed is 1 to 1024.",
                "Cloud:ConnectTimeout: found 00:00:00, allowed is 00:00:00.0100000 to 00:05:00.",
                "Api:MaxTools: found -1, allowed is 0 to 4096.",
                "Device: found 'tpu', allowed is auto, cpu, webgpu, cuda.",
            ],
            OptionFaults.Of(options));
    }
}
