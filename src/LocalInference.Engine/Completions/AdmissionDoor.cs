using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Sampling;
using LocalInference.Engine.Scheduling;
using LocalInference.Text;

namespace LocalInference.Engine.Completions;

/// <summary>
/// Lets requests into the engine, or says why not: is it open, does the prompt fit, is there a place, and when to come back.
/// </summary>
/// <param name="text">Makes prompts into tokens.</param>
/// <param name="model">What they are held against.</param>
/// <param name="options">How many places there are.</param>
/// <param name="seeds">For requests that bring none.</param>
/// <param name="scheduling">Where the engine says whether it beats, what it still has to read and how fast it does.</param>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class AdmissionDoor(
    IModelText text, ServedModel model, EngineOptions options, ISeedSource seeds, SchedulerServices scheduling)
{
    private static readonly InferenceFailure NotReady = new(InferenceError.NotReady, "The engine is not started yet; try again shortly.");
    private static readonly InferenceFailure Draining = new(InferenceError.Draining, "The server is stopping and takes nothing new.");
    private static readonly InferenceFailure Died = new(
        InferenceError.NotReady, "The engine hangs or has failed; the server must be restarted.");

    private readonly RequestMeasurer _measurer = new(text, model);
    private readonly AdmissionLedger _ledger = new(options.MaxSequences + options.MaxQueuedRequests);
    private volatile EnginePhase _phase = EnginePhase.New;

    /// <summary>Where the engine is in its life: it is what its door says.</summary>
    public EnginePhase Phase => _phase;

    /// <summary>Places there are, running and waiting together.</summary>
    public int Places => _ledger.Capacity;

    /// <summary>Places taken.</summary>
    public int TakenPlaces => _ledger.Taken;

    /// <summary>Completes when the door is closed and every place has been given back.</summary>
    public Task Emptied => _ledger.Emptied;

    /// <summary>What is said to who found the door open and the engine's thread gone.</summary>
    public InferenceFailure TooLate => scheduling.State.IsAlive ? Draining : Died;

    /// <summary>From here on requests are admitted.</summary>
    public void Open() => _phase = EnginePhase.Serving;

    /// <summary>From here on none is.</summary>
    public void Close()
    {
        _phase = EnginePhase.Draining;
        _ledger.Close();
    }

    /// <inheritdoc cref="IAdmission.TryAdmit"/>
    public bool TryAdmit(
        CompletionRequest request, [NotNullWhen(true)] out AdmissionLease? lease, [NotNullWhen(false)] out InferenceFailure? refusal)
    {
        lease = null;
        // Asked before the prompt is rendered, so that turning away is cheap; taking the place decides.
        refusal = WhyClosed();
        if (refusal is not null || !_measurer.TryMeasure(request, out EncodedPrompt? prompt, out int maxTokens, out refusal)) return false;
        if (!_ledger.TryTake())
        {
            refusal = WhyClosed() ?? QueueFull(prompt.Ids.Length);
            return false;
        }
        SamplingParameters sampling = request.Sampling.Resolve(model.DefaultSampling, request.Sampling.Seed ?? seeds.Next());
        lease = new AdmissionLease(request, prompt, sampling, maxTokens, _ledger.GiveBack);
        scheduling.Metrics?.Admitted(prompt.Ids.Length);
        return true;
    }

    private InferenceFailure? WhyClosed() => _phase switch
    {
        EnginePhase.New => NotReady,
        EnginePhase.Draining => Draining,
        _ when !scheduling.State.IsAlive => Died,
        _ => _ledger.LooksFull ? QueueFull(ownTokens: 0) : null,
    };

    private InferenceFailure QueueFull(int ownTokens)
    {
        TimeSpan retryAfter = scheduling.State.Drain.RetryAfter(scheduling.State.PendingPrefillTokens + ownTokens);
        return new InferenceFailure(
            InferenceError.QueueFull,
            $"All {Places} places are taken ({options.MaxSequences} running, {options.MaxQueuedRequests} waiting). "
            + $"Try again in {retryAfter.TotalSeconds:F0} s.",
            RetryAfter: retryAfter);
    }
}

/// <summary>The life of an engine, in order.</summary>
internal enum EnginePhase
{
    /// <summary>Nothing runs yet.</summary>
    New,

    /// <summary>Requests are admitted.</summary>
    Serving,

    /// <summary>Nothing new is.</summary>
    Draining,
}
