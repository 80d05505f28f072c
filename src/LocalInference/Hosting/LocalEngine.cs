using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Telemetry;
using LocalInference.Options;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalInference.Hosting;

/// <summary>
/// The local engine in an application's life: loads in the background while health checks already answer, serves once it is warmed up and
/// self-tested, drains when the application stops.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Until <see cref="Ready"/> every request is refused with <see cref="InferenceError.NotReady"/>.
/// </remarks>
public sealed class LocalEngine : IHostedLifecycleService, IAdmission, ICompletionBackend<AdmissionLease>, IServerStatus
{
    /// <summary>How long running answers may go on after the application was told to stop; what is left then is failed.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(15);

    private readonly LocalInferenceOptions _options;
    private readonly InferenceMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Condition _condition = new(ServerPhase.Loading, "The model is being loaded.");
    private volatile LoadedModel? _loaded;
    private Task _loading = Task.CompletedTask;

    /// <summary>Made by the application's services; nothing happens before <see cref="StartAsync"/>.</summary>
    public LocalEngine(LocalInferenceOptions options, InferenceMetrics metrics, TimeProvider time, ILogger<LocalEngine> logger) =>
        (_options, _metrics, _time, _logger) = (options, metrics, time, logger);

    /// <summary>Completes when requests are admitted; faults with <see cref="ModelLoadException"/> when they never will be.</summary>
    public Task Ready => _ready.Task;

    /// <inheritdoc/>
    public ServerPhase Phase => _condition.Phase;

    /// <inheritdoc/>
    public string Reason => _condition.Reason;

    /// <inheritdoc/>
    public bool IsAlive => Phase != ServerPhase.Failed && _loaded?.Engine.IsAlive != false;

    /// <inheritdoc/>
    public ServedModel? Model => _loaded?.Engine.Model;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object> Facts => _loaded?.Facts ?? new Dictionary<string, object>();

    /// <inheritdoc/>
    public bool TryAdmit(
        CompletionRequest request, [NotNullWhen(true)] out AdmissionLease? lease, [NotNullWhen(false)] out InferenceFailure? refusal)
    {
        Condition condition = _condition;
        if (condition.Phase is ServerPhase.Ready or ServerPhase.Draining) return _loaded!.Engine.TryAdmit(request, out lease, out refusal);
        lease = null;
        refusal = new InferenceFailure(InferenceError.NotReady, $"The model is not ready: {condition.Reason}");
        return false;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<CompletionChunk> CompleteAsync(AdmissionLease admitted, CancellationToken cancellationToken) =>
        _loaded!.Engine.CompleteAsync(admitted, cancellationToken);

    /// <summary>Begins loading; returns at once.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loading = Task.Run(LoadAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>
    /// The application is stopping: takes nothing new and lets what runs finish, while the application still answers its other requests.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loading;
        if (_condition.Phase == ServerPhase.Ready)
            _condition = new Condition(ServerPhase.Draining, "The server is stopping: running answers finish, nothing new is taken.");
        if (_loaded is { } loaded) await loaded.Engine.StopAsync(DrainTimeout);
    }

    /// <summary>Frees the model.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_loaded is { } loaded) await loaded.DisposeAsync();
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task LoadAsync()
    {
        try
        {
            long began = _time.GetTimestamp();
            _loaded = LoadedModel.Load(_options, _metrics, _time, _logger);
            _condition = new Condition(ServerPhase.WarmingUp, "The model is being warmed up and tested.");
            await _loaded.StartAsync(_stopping.Token);
            _condition = new Condition(ServerPhase.Ready, "Serving.");
            Log.Ready(_logger, _loaded.Engine.Model.Id, _time.GetElapsedTime(began).TotalSeconds);
            _ready.TrySetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            Fail(new ModelLoadException("Loading was given up: the application is stopping."));
        }
        catch (ModelLoadException failure)
        {
            Fail(failure);
        }
        catch (Exception unexpected)
        {
            Fail(new ModelLoadException($"The model '{_options.Model}' could not be loaded: {unexpected.Message}", unexpected), unexpected);
        }
    }

    private void Fail(ModelLoadException failure, Exception? unexpected = null)
    {
        _condition = new Condition(ServerPhase.Failed, failure.Message);
        Log.LoadFailed(_logger, unexpected, failure.Message);
        _ready.TrySetException(failure);
        _ = _ready.Task.Exception; // Observed here: an embedding application need not await Ready.
    }

    private sealed record Condition(ServerPhase Phase, string Reason);
}

/// <summary>The model cannot be served: its folder, its settings or its self-test are at fault.</summary>
/// <param name="message">Names the thing, what was found, what is allowed and what to do.</param>
/// <param name="cause">What was thrown, if something was.</param>
public sealed class ModelLoadException(string message, Exception? cause = null) : Exception(message, cause);
