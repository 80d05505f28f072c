using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Telemetry;

namespace LocalInference.Routing.Spill;

/// <summary>
/// Local first, always: a request goes to the cloud only after the engine itself has refused it for want of room, never on a guess.
/// The place is taken by that same attempt, so a burst cannot see one free place twice.
/// </summary>
/// <param name="admission">The local engine's door.</param>
/// <param name="local">The local engine.</param>
/// <param name="cloud">The cloud, or null where none is configured. Owned: disposed with the router if it can be.</param>
/// <param name="defaultDataClass">Taken where a request names none.</param>
/// <param name="metrics">Counts refusals and spills.</param>
internal sealed class SpillRouter(
    IAdmission admission,
    ICompletionBackend<AdmissionLease> local,
    ICompletionBackend<SpillableRequest>? cloud,
    DataClass defaultDataClass,
    InferenceMetrics metrics) : ICompletionRouter, IDisposable
{
    /// <summary>The one reason so far, in llm-d's vocabulary.</summary>
    public const string Saturated = "rejected-saturated";

    /// <inheritdoc/>
    public RoutedCompletion Route(CompletionRequest request)
    {
        if (admission.TryAdmit(request, out AdmissionLease? lease, out InferenceFailure? refusal))
            return new RoutedCompletion(ServedBy.Local, gone => local.CompleteAsync(lease, gone), lease);

        metrics.Rejected(refusal.Error);
        if (cloud is null || !SpillableRequest.TryCreate(request, defaultDataClass, refusal, out SpillableRequest? spillable))
            return new RoutedCompletion(refusal);

        metrics.Spilled(Saturated);
        return new RoutedCompletion(ServedBy.Cloud, gone => cloud.CompleteAsync(spillable, gone))
        {
            SpillReason = Saturated,
            IgnoredParameters = spillable.IgnoredParameters,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => (cloud as IDisposable)?.Dispose();
}
