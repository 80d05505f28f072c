using System.Diagnostics.Metrics;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Execution;
using LocalInference.Core.Telemetry;
using LocalInference.Engine.Completions;
using LocalInference.Engine.Sampling;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LocalInference.Engine.Tests.Completions;

/// <summary>An engine with its thread over a scripted model, whose steps a test can hold.</summary>
internal sealed class EngineRig : IAsyncDisposable, IMeterFactory, ISeedSource
{
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _stepTickets = new(0);
    private volatile bool _isHeld;
    private volatile int _stepsBegun;
    private Meter? _meter;

    public EngineRig(
        EngineOptions? options = null, ScriptedModelRunner? runner = null, ScriptedModelText? text = null, params int[] endTokenIds)
    {
        Runner = runner ?? new ScriptedModelRunner();
        Text = text ?? new ScriptedModelText();
        Runner.BeforeStep = WaitForTicket;
        Model = new ServedModel
        {
            Id = "scripted",
            ContextTokens = Runner.Capabilities.ContextTokens,
            VocabularySize = Runner.Capabilities.VocabularySize,
            EndTokenIds = endTokenIds,
            DefaultSampling = SamplingParameters.Greedy,
        };
        _listener.InstrumentPublished = (instrument, listener) => { if (instrument.Meter == _meter) listener.EnableMeasurementEvents(instrument); };
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Count(i, value, tags));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Count(i, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, _, tags, _) => Count(i, 1, tags));
        _listener.Start();
        EngineServices services = new(new InferenceMetrics(this), NullLogger.Instance) { Time = Time, Seeds = this };
        Engine = new InferenceEngine(Runner, Text, Model, options ?? new EngineOptions(), services);
    }

    public ScriptedModelRunner Runner { get; }

    public ScriptedModelText Text { get; }

    public ServedModel Model { get; }

    public FakeTimeProvider Time { get; } = new();

    public InferenceEngine Engine { get; }

    /// <summary>How busy the engine is; two numbers may come from neighbouring steps.</summary>
    public (int Running, int Waiting, int TakenPlaces, int UsedBlocks) Load =>
        (Engine.State.Running, Engine.State.Waiting, Engine.TakenPlaces, Engine.State.UsedBlocks);

    /// <summary>Steps that have begun, one that waits for its ticket included.</summary>
    public int StepsBegun => _stepsBegun;

    /// <summary>What the next step does; runs on the engine's thread.</summary>
    public Action<StepBatch>? OnStep { get; set; }

    /// <summary>Sums of counters and numbers of histogram records, by name and tags.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, long> Metrics { get; } = new();

    public static CompletionRequest Request(string text = "hello", int? maxTokens = 5, params string[] stop) => new()
    {
        Id = $"chatcmpl-{text}",
        Prompt = new Prompt.Chat { Messages = [new ChatMessage { Role = "user", Content = text }] },
        Stop = new StopConditions { MaxTokens = maxTokens, Strings = stop },
    };

    public EngineRig Started()
    {
        Engine.Start();
        return this;
    }

    /// <summary>From now on a step needs a ticket.</summary>
    public void HoldSteps() => _isHeld = true;

    public void AllowSteps(int count)
    {
        for (int i = 0; i < count; i++) _stepTickets.Release();
    }

    public void ReleaseSteps()
    {
        _isHeld = false;
        _stepTickets.Release(1000);
    }

    public AdmissionLease Admit(CompletionRequest request)
    {
        Assert.True(Engine.TryAdmit(request, out AdmissionLease? lease, out InferenceFailure? refusal), refusal?.Message);
        return lease;
    }

    public InferenceFailure Refuse(CompletionRequest request)
    {
        Assert.False(Engine.TryAdmit(request, out AdmissionLease? lease, out InferenceFailure? refusal));
        Assert.Null(lease);
        return refusal;
    }

    public async Task<List<CompletionChunk>> Complete(CompletionRequest request)
    {
        List<CompletionChunk> chunks = [];
        await foreach (CompletionChunk chunk in Engine.CompleteAsync(Admit(request), TestContext.Current.CancellationToken))
            chunks.Add(chunk);
        return chunks;
    }

    /// <summary>What the model says, as its scripted text spells it.</summary>
    public int[] Tokens(string prompt, int count)
    {
        List<int> history = [.. prompt.Select(c => c % Model.VocabularySize)];
        for (int i = 0; i < count; i++) history.Add(ScriptedModelRunner.NextToken(history.ToArray(), Model.VocabularySize));
        return [.. history.Skip(prompt.Length)];
    }

    /// <summary>Waits until the engine, on its own thread, has got somewhere.</summary>
    public async Task Until(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    public long Gauge(string name)
    {
        Metrics.Clear();
        _listener.RecordObservableInstruments();
        return Metrics[name];
    }

    public async ValueTask DisposeAsync()
    {
        ReleaseSteps();
        await Engine.DisposeAsync();
        _listener.Dispose();
    }

    long ISeedSource.Next() => 4711;

    Meter IMeterFactory.Create(MeterOptions options) => _meter = new Meter(options);

    void IDisposable.Dispose() => _meter?.Dispose();

    private void WaitForTicket(StepBatch batch)
    {
        _stepsBegun++;
        if (_isHeld) _stepTickets.Wait();
        OnStep?.Invoke(batch);
    }

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = instrument.Name;
        foreach (KeyValuePair<string, object?> tag in tags) name += $" {tag.Key}={tag.Value}";
        Metrics.AddOrUpdate(name, value, (_, sum) => sum + value);
    }
}
