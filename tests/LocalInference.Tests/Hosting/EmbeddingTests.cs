using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LocalInference.Core.Completions;
using LocalInference.Hosting;
using LocalInference.Options;
using LocalInference.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalInference.Tests.Hosting;

/// <summary>The library inside an application of somebody's own, without a port.</summary>
public sealed class EmbeddingTests
{
    private static IHost Build(LocalInferenceOptions options)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings());
        builder.Services.AddLocalInference(options);
        return builder.Build();
    }

    private static async Task<IHost> StartAsync(LocalInferenceOptions options)
    {
        IHost host = Build(options);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    [Fact]
    public async Task ChatClient_AQuestion_IsAnsweredWithoutHttp()
    {
        using IHost host = await StartAsync(new LocalInferenceOptions { Model = Repository.TinyR1 });
        await host.Services.GetRequiredService<LocalEngine>().Ready;
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        ChatResponse response = await client.GetResponseAsync(
            "What is 17 plus 25?", new ChatOptions { Temperature = 0 }, TestContext.Current.CancellationToken);
        Assert.Equal("17 + 25 = 42", response.Text);
        Assert.NotEmpty(response.Messages[0].Contents.OfType<TextReasoningContent>());
        Assert.Equal("tiny-r1", response.ModelId);
        Assert.True(response.Usage!.ReasoningTokenCount > 0 && response.Usage.OutputTokenCount > response.Usage.ReasoningTokenCount);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Engine_WarmedUpAndSelfTested_HasCountedNoTraffic()
    {
        using IHost host = Build(new LocalInferenceOptions { Model = Repository.TinyR1 });
        IMeterFactory meters = host.Services.GetRequiredService<IMeterFactory>();
        ConcurrentDictionary<string, bool> counted = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) => { if (instrument.Meter.Scope == meters) l.EnableMeasurementEvents(instrument); };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => counted[instrument.Name] = true);
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => counted[instrument.Name] = true);
        listener.Start();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.Services.GetRequiredService<LocalEngine>().Ready;
        Assert.Empty(counted.Keys);
        await host.Services.GetRequiredService<IChatClient>().GetResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("request_success", counted.Keys);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Engine_BeforeItIsReadyAndAfterItStopped_RefusesByName()
    {
        using IHost host = Build(new LocalInferenceOptions { Model = Repository.TinyR1 });
        LocalEngine engine = host.Services.GetRequiredService<LocalEngine>();
        CompletionRequest request = new() { Id = "r", Prompt = new Prompt.Tokens(new[] { 1 }) };
        Assert.False(engine.TryAdmit(request, out _, out var early));
        Assert.Equal(Core.Errors.InferenceError.NotReady, early.Error);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await engine.Ready;
        Assert.Equal(ServerPhase.Ready, engine.Phase);
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(engine.TryAdmit(request, out _, out var late));
        Assert.Equal(Core.Errors.InferenceError.Draining, late.Error);
    }

    [Fact]
    public async Task Model_ThatCannotBeLoaded_FaultsReadyAndSaysWhyInTheStatus()
    {
        using IHost host = await StartAsync(new LocalInferenceOptions { Model = "no-such-folder" });
        LocalEngine engine = host.Services.GetRequiredService<LocalEngine>();
        ModelLoadException failure = await Assert.ThrowsAsync<ModelLoadException>(() => engine.Ready);
        Assert.Contains("no-such-folder", failure.Message);
        Assert.Equal((ServerPhase.Failed, failure.Message), (engine.Phase, engine.Reason));
        Assert.False(engine.IsAlive);
    }

    [Fact]
    public async Task Cache_TooSmallForOneContext_IsRefusedWithWhatIsNeeded()
    {
        using IHost host = await StartAsync(
            new LocalInferenceOptions { Model = Repository.TinyR1, Engine = new() { KvCacheBytes = 1000 } });
        ModelLoadException failure = await Assert.ThrowsAsync<ModelLoadException>(
            () => host.Services.GetRequiredService<LocalEngine>().Ready);
        Assert.Contains("1000", failure.Message.Replace(",", ""));
        Assert.Contains("4096", failure.Message.Replace(",", ""));
    }

    [Fact]
    public void Options_Wrong_AllFaultsAreThrownAtOnce()
    {
        ArgumentException faults = Assert.Throws<ArgumentException>(() =>
            new ServiceCollection().AddLocalInference(new LocalInferenceOptions { Engine = new() { MaxSequences = 0, StepTokens = 0 } }));
        Assert.Contains("Model: a value is required", faults.Message);
        Assert.Contains("Engine:MaxSequences: found 0", faults.Message);
        Assert.Contains("Engine:StepTokens: found 0", faults.Message);
    }
}
