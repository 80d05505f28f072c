using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Hosting;

/// <summary>
/// Admission for callers inside the process that would rather wait than be refused for want of room: the self-test and <c>generate</c>.
/// </summary>
internal static class PatientAdmission
{
    // A place comes free when the engine has let go of its sequence, up to a step after that answer's last token: a step takes
    // milliseconds.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Takes a place as soon as one is free.</summary>
    /// <returns>The place, or why the request will never have one.</returns>
    public static async Task<(AdmissionLease? Lease, InferenceFailure? Refusal)> AdmitWhenFreeAsync(
        this IAdmission admission, CompletionRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (admission.TryAdmit(request, out AdmissionLease? lease, out InferenceFailure? refusal)) return (lease, null);
            if (refusal.Error != InferenceError.QueueFull) return (null, refusal);
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
