using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Routing.Spill;

/// <summary>The whole decision about spilling: a pure function of the refusal, the request and the operator's default.</summary>
internal static class SpillPolicy
{
    /// <summary>Whether the cloud may answer a request that the local engine refused; else the refusal stands.</summary>
    /// <param name="refusal">What the local engine said.</param>
    /// <param name="request">The refused request.</param>
    /// <param name="defaultDataClass">Taken where the request names none.</param>
    public static bool MaySpill(InferenceError refusal, CompletionRequest request, DataClass defaultDataClass) =>
        IsWantOfRoom(refusal)
        // Compared with the one value that allows: a data class added later keeps its text here until someone decides otherwise.
        && (request.DataClass ?? defaultDataClass) == DataClass.Any
        && !IsBoundToLocalModel(request);

    // The engine would take this very request if it were less busy. A prompt that is too long or wrong is so everywhere, and a server
    // that loads or stops says so instead of quietly spending money.
    private static bool IsWantOfRoom(InferenceError refusal) => refusal == InferenceError.QueueFull;

    // The cloud runs another model with another tokenizer: token ids mean nothing there, and a seed promises the same tokens again.
    private static bool IsBoundToLocalModel(CompletionRequest request) =>
        request.Prompt is not Prompt.Chat || request.Output != OutputForm.Parsed || request.Sampling.Seed is not null;
}
