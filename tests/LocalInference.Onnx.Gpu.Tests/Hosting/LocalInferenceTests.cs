using LocalInference.Hosting;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Options;
using LocalInference.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalInference.Onnx.Gpu.Tests.Hosting;

/// <summary>
/// The whole server, without HTTP, with the settings that a command line gives it: <c>--device webgpu --OnnxRuntime:Library PATH</c>.
/// </summary>
public class LocalInferenceTests
{
    [Fact]
    public async Task Settings_DeviceAndLibrary_ServerAnswersFromTheDevice()
    {
        WebGpu.Require();
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        ServiceCollection services = new();
        services.AddLocalInference(new LocalInferenceOptions
        {
            Model = Repository.TinyR1,
            Device = DeviceNames.WebGpu,
            OnnxRuntime = new OnnxRuntimeOptions { Library = WebGpu.LibraryPath },
            Engine = new() { StepTokens = 64, MaxSequences = 4 },
        });
        services.AddSingleton<IHostApplicationLifetime, NoLifetime>();
        await using ServiceProvider provider = services.BuildServiceProvider();
        IHostedService[] hosted = [.. provider.GetServices<IHostedService>()];
        foreach (IHostedService service in hosted)
            await service.StartAsync(cancelled);
        LocalEngine engine = provider.GetRequiredService<LocalEngine>();
        await engine.Ready.WaitAsync(cancelled);
        Assert.Equal("webgpu", engine.Facts["device"]);
        Assert.Equal("OnnxRuntime webgpu", engine.Facts["kernels"]);
        ChatResponse answer = await provider.GetRequiredService<IChatClient>().GetResponseAsync(
            "Count from 1 to 9.", new ChatOptions { Temperature = 0 }, cancelled);
        Assert.EndsWith("1, 2, 3, 4, 5, 6, 7, 8, 9", answer.Text);
        foreach (IHostedService service in hosted)
            await service.StopAsync(cancelled);
    }

    private sealed class NoLifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication()
        {
        }
    }
}
