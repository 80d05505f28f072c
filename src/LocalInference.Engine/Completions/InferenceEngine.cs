using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Execution;
using LocalInference.Engine.Scheduling;
using LocalInference.Text;

namespace LocalInference.Engine.Completions;

/// <summary>
/// The local engine: one model, one thread that computes, any number of requests. Make it, warm it up, start it, stop it.
/// </summary>
/// <remarks>
/// <see cref="TryAdmit"/>, <see cref="CompleteAsync"/> and the properties are safe for concurrent use; <see cref="WarmUp"/>,
/// <see cref="Start"/> and <see cref="StopAsync"/> are called in this order by one owner. The runner and the text belong to the caller and
/// must outlive the engine; from <see cref="WarmUp"/> on nobody else may use the runner.
/// </remarks>
public sealed class InferenceEngine : IAdmission, ICompletionBackend<AdmissionLease>, IAsyncDisposable
{
    private readonly IModelRunner _runner;
    private readonly IModelText _text;
    private readonly EngineOptions _options;
    private readonly EngineServices _services;
    private readonly SchedulerServices _scheduling;
    private readonly AdmissionDoor _door;
    private readonly EngineThread _thread;

    /// <summary>Makes an engine; nothing runs yet.</summary>
    /// <param name="runner">The model; not owned.</param>
    /// <param name="text">The model's text; not owned.</param>
    /// <param name="model">What is served; its context is at most the runner's.</param>
    /// <param name="options">Within the runner's capabilities.</param>
    /// <param name="services">Metrics, log, clock and chance.</param>
    /// <exception cref="ArgumentException">Options and runner do not fit together; the message lists everything that does not.</exception>
    public InferenceEngine(IModelRunner runner, IModelText text, ServedModel model, EngineOptions options, EngineServices services)
    {
        EngineFit.ThrowIfUnfit(runner.Capabilities, model, options);
        _runner = runner;
        _text = text;
        Model = model;
        _options = options;
        _services = services;
        _scheduling = new SchedulerServices(new EngineState(services.Time), services.Time, services.Logger, services.Metrics);
        _door = new AdmissionDoor(text, model, options, services.Seeds, _scheduling);
        _thread = new EngineThread(new Scheduler(runner, options, model.ContextTokens, _scheduling), _door.Places, _scheduling);
        services.Metrics.ObserveEngine(() => State.Running, () => State.Waiting, () => State.UsedBlocks, runner.Capabilities.BlockCount);
    }

    /// <summary>What is served.</summary>
    public ServedModel Model { get; }

    /// <summary>
    /// Whether the engine thread beats: false once a step has been running for 60 s, or the thread has ended by an error.
    /// </summary>
    public bool IsAlive => State.IsAlive;

    /// <summary>
    /// Whether requests count in the metrics. Off for a self-test, which is no traffic; changed only while no request is under way.
    /// </summary>
    /// <value>The default is true.</value>
    internal bool CountsRequests
    {
        get => _scheduling.Metrics is not null;
        set => _scheduling.Metrics = value ? _services.Metrics : null;
    }

    /// <summary>The engine thread's counters.</summary>
    internal EngineState State => _scheduling.State;

    /// <summary>Places that admission has given out and not got back.</summary>
    internal int TakenPlaces => _door.TakenPlaces;

    /// <summary>
    /// Runs a sweep through prefill and batch sizes on the calling thread, so that the first requests find compiled code. Optional; before
    /// <see cref="Start"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model failed.</exception>
    public void WarmUp(CancellationToken cancellationToken)
    {
        if (_door.Phase != EnginePhase.New) throw new InvalidOperationException("The engine is started: it can no longer be warmed up.");
        new WarmUp(_runner, _options, Model.ContextTokens, _scheduling).Run(cancellationToken);
    }

    /// <summary>Starts the engine thread; from here on requests are admitted.</summary>
    public void Start()
    {
        if (_door.Phase != EnginePhase.New) throw new InvalidOperationException("The engine has been started before.");
        _thread.Start();
        _door.Open();
        RunnerCapabilities runner = _runner.Capabilities;
        Log.EngineStarted(
            _services.Logger, _options.MaxSequences, _options.MaxQueuedRequests, _options.StepTokens,
            runner.BlockCount, runner.Kv.BlockTokens);
    }

    /// <summary>
    /// Takes nothing new, lets admitted requests finish, fails those that have not finished in time with
    /// <see cref="InferenceError.Draining"/>, and ends the thread. The runner may be disposed of afterwards.
    /// </summary>
    /// <param name="drainTimeout">
    /// How long admitted requests may go on; zero = not at all. A step that has begun is always finished.
    /// </param>
    public async Task StopAsync(TimeSpan drainTimeout)
    {
        bool wasServing = _door.Phase == EnginePhase.Serving;
        _door.Close();
        if (wasServing && drainTimeout > TimeSpan.Zero)
            await Task.WhenAny(_door.Emptied, Task.Delay(drainTimeout, _services.Time)).ConfigureAwait(false);
        await _thread.StopAsync().ConfigureAwait(false);
    }

    /// <summary>Stops without waiting for requests, if it has not been stopped before.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    /// <inheritdoc/>
    public bool TryAdmit(
        CompletionRequest request, [NotNullWhen(true)] out AdmissionLease? lease, [NotNullWhen(false)] out InferenceFailure? refusal) =>
        _door.TryAdmit(request, out lease, out refusal);

    /// <inheritdoc/>
    /// <remarks>
    /// Enumerated once. The place is free when the enumeration has ended and the engine has let go of the sequence, which takes it at most
    /// the step it is in.
    /// </remarks>
    public async IAsyncEnumerable<CompletionChunk> CompleteAsync(
        AdmissionLease admitted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TokenChannel channel = new(admitted);
        Sequence sequence = MakeSequence(admitted, channel);
        if (!_thread.TryPost(new SchedulerCommand(sequence))) channel.Close(_door.TooLate);
        CompletionChunk? last = null;
        bool wasStopped = false;
        try
        {
            AnswerWriter answer = new(admitted, Model.Id, _text);
            List<CompletionChunk> chunks = [];
            while (answer.Finished is null && await channel.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                chunks.Clear();
                answer.Write(channel, chunks);
                wasStopped = answer.WasStopped;
                foreach (CompletionChunk chunk in chunks)
                {
                    if (chunk == answer.Finished) last = chunk;
                    yield return chunk;
                }
            }
            if (answer.Finished is null)
            {
                yield return last = new CompletionChunk.Failed(channel.Failure ?? throw new InvalidOperationException(
                    $"The engine ended request {admitted.Request.Id} without its last token and without a reason."));
            }
        }
        finally
        {
            LetGo(sequence, channel, last, wasStopped);
        }
    }

    // How the request ended decides who hears of it: the engine, when it would go on; the metrics, always.
    private void LetGo(Sequence sequence, TokenChannel channel, CompletionChunk? last, bool wasStopped)
    {
        if (last is null || wasStopped)
            _thread.TryPost(new SchedulerCommand(sequence, wasStopped ? AbortReason.StopString : AbortReason.ClientGone));
        switch (last)
        {
            case CompletionChunk.Finished finished:
                _scheduling.Metrics?.Finished(ServedBy.Local, finished.Reason);
                break;
            case CompletionChunk.Failed failed:
                _scheduling.Metrics?.Failed(ServedBy.Local, failed.Failure.Error);
                break;
            default:
                _scheduling.Metrics?.Aborted();
                break;
        }
        channel.LetGo();
    }

    private Sequence MakeSequence(AdmissionLease admitted, TokenChannel channel)
    {
        StopConditions stop = admitted.Request.Stop;
        int[] endTokenIds = [.. stop.IgnoreEndTokens ? [] : Model.EndTokenIds, .. stop.TokenIds];
        return new Sequence(
            admitted.Request.Id, admitted.Prompt.Ids.Span, admitted.MaxTokens, admitted.Sampling,
            endTokenIds, _runner.Capabilities.Kv.BlockTokens, channel)
        {
            SubmittedAt = _services.Time.GetTimestamp(),
        };
    }
}
