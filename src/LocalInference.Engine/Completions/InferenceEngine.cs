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
    private readonly DrainRate _drain = new();
    private readonly EngineState _state;
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
        _state = new EngineState(services.Time);
        _door = new AdmissionDoor(text, model, options, services, _state, _drain);
        _thread = new EngineThread(new Scheduler(runner, options, model.ContextTokens, SchedulerServices), _door.Places, _state, services.Logger);
        services.Metrics.ObserveEngine(() => _state.Running, () => _state.Waiting, () => _state.UsedBlocks, runner.Capabilities.BlockCount);
    }

    /// <summary>What is served.</summary>
    public ServedModel Model { get; }

    /// <summary>
    /// Whether the engine thread beats: false once a step has been running for 60 s, or the thread has ended by an error.
    /// </summary>
    public bool IsAlive => _state.IsAlive;

    /// <summary>How busy the engine is.</summary>
    internal EngineLoad Load =>
        new(_state.Running, _state.Waiting, _door.TakenPlaces, _door.Places, _state.UsedBlocks, _runner.Capabilities.BlockCount);

    private SchedulerServices SchedulerServices => new(_state, _drain, _services.Time, _services.Logger, _services.Metrics);

    /// <summary>
    /// Runs a sweep through prefill and batch sizes on the calling thread, so that the first requests find compiled code. Optional; before
    /// <see cref="Start"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model failed.</exception>
    public void WarmUp(CancellationToken cancellationToken)
    {
        if (_door.Phase != EnginePhase.New) throw new InvalidOperationException("The engine is started: it can no longer be warmed up.");
        new WarmUp(_runner, _options, Model.ContextTokens, SchedulerServices).Run(cancellationToken);
    }

    /// <summary>Starts the engine thread; from here on requests are admitted.</summary>
    public void Start()
    {
        if (_door.Phase != EnginePhase.New) throw new InvalidOperationException("The engine has been started before.");
        _thread.Start();
        _door.Open();
        RunnerCapabilities runner = _runner.Capabilities;
        Log.EngineStarted(
            _services.Logger, _options.MaxSequences, _options.MaxQueuedRequests, _options.StepTokens, runner.BlockCount, runner.Kv.BlockTokens);
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
    public bool TryAdmit(CompletionRequest request, [NotNullWhen(true)] out AdmissionLease? lease, [NotNullWhen(false)] out InferenceFailure? refusal) =>
        _door.TryAdmit(request, out lease, out refusal);

    /// <inheritdoc/>
    /// <remarks>
    /// Enumerated once. The place is free when the enumeration has ended and the engine has let go of the sequence, which takes it at most
    /// the step it is in.
    /// </remarks>
    public async IAsyncEnumerable<CompletionChunk> CompleteAsync(
        AdmissionLease admitted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TokenStream stream = new(admitted);
        Sequence sequence = MakeSequence(admitted, stream);
        if (!_thread.TryPost(new SchedulerCommand(sequence))) stream.Close(_door.TooLate);
        CompletionChunk? last = null;
        bool wasStopped = false;
        try
        {
            AnswerWriter answer = MakeWriter(admitted);
            List<CompletionChunk> chunks = [];
            while (answer.Finished is null && await stream.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                chunks.Clear();
                answer.Write(stream, chunks);
                wasStopped = answer.WasStopped;
                foreach (CompletionChunk chunk in chunks)
                {
                    if (chunk == answer.Finished) last = chunk;
                    yield return chunk;
                }
            }
            if (answer.Finished is null)
            {
                yield return last = new CompletionChunk.Failed(stream.Failure ?? throw new InvalidOperationException(
                    $"The engine ended request {admitted.Request.Id} without its last token and without a reason."));
            }
        }
        finally
        {
            LetGo(sequence, stream, last, wasStopped);
        }
    }

    // How the request ended decides who hears of it: the engine, when it would go on; the metrics, always.
    private void LetGo(Sequence sequence, TokenStream stream, CompletionChunk? last, bool wasStopped)
    {
        if (last is null || wasStopped)
            _thread.TryPost(new SchedulerCommand(sequence, wasStopped ? AbortReason.StopString : AbortReason.ClientGone));
        switch (last)
        {
            case CompletionChunk.Finished finished:
                _services.Metrics.Finished(ServedBy.Local, finished.Reason);
                break;
            case CompletionChunk.Failed failed:
                _services.Metrics.Failed(ServedBy.Local, failed.Failure.Error);
                break;
            default:
                _services.Metrics.Aborted();
                break;
        }
        stream.LetGo();
    }

    private Sequence MakeSequence(AdmissionLease admitted, TokenStream stream)
    {
        StopConditions stop = admitted.Request.Stop;
        int[] endTokenIds = [.. stop.IgnoreEndTokens ? [] : Model.EndTokenIds, .. stop.TokenIds];
        return new Sequence(
            admitted.Request.Id, admitted.Prompt.Ids.Span, admitted.MaxTokens, admitted.Sampling, endTokenIds, _runner.Capabilities.Kv.BlockTokens, stream)
        {
            SubmittedAt = _services.Time.GetTimestamp(),
        };
    }

    private AnswerWriter MakeWriter(AdmissionLease admitted)
    {
        CompletionRequest request = admitted.Request;
        AnswerForm form = new()
        {
            Output = request.Output,
            OpensReasoning = admitted.Prompt.OpensReasoning,
            ParsesToolCalls = request.Prompt is Prompt.Chat { Tools.Count: > 0 },
            StopStrings = request.Stop.Strings,
        };
        return new AnswerWriter(request, admitted.Prompt.Ids.Length, Model.Id, _text.CreateReader(form));
    }
}
