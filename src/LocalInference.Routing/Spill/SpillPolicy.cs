using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Admission;

namespace LocalInference.Routing.Spill;

/// <summary>What becomes of a request that the local engine refused.</summary>
internal enum SpillVerdict
{
    /// <summary>It may be answered by the cloud.</summary>
    Spill,

    /// <summary>The refusal is not about room; it stands.</summary>
    NotForWantOfRoom,

    /// <summary>Its text may not leave the machine; the refusal stands.</summary>
    LocalOnly,

    /// <summary>It asks for what only the local model can give; the refusal stands.</summary>
    BoundToLocalModel,
}

/// <summary>The whole decision about spilling: a pure function of the refusal, the request and the operator's default.</summary>
internal static class SpillPolicy
{
    /// <summary>
    /// Decides. What forbids is asked before what merely does not fit, so that the verdict of a local-only request is always its data
    /// class.
    /// </summary>
    /// <param name="refusal">What the local engine said.</param>
    /// <param name="request">The refused request.</param>
    /// <param name="defaultDataClass">Taken where the request names none.</param>
    public static SpillVerdict Judge(InferenceError refusal, CompletionRequest request, DataClass defaultDataClass)
    {
        // Compared with the one value that allows: a data class added later keeps its text here until someone decides otherwise.
        if ((request.DataClass ?? defaultDataClass) != DataClass.Any) return SpillVerdict.LocalOnly;
        if (!RefusalReading.IsWantOfRoom(refusal)) return SpillVerdict.NotForWantOfRoom;
        return IsBoundToLocalModel(request) ? SpillVerdict.BoundToLocalModel : SpillVerdict.Spill;
    }

    // The cloud runs another model with another tokenizer: token ids mean nothing there, and a seed promises the same tokens again.
    private static bool IsBoundToLocalModel(CompletionRequest request) =>
        request.Prompt is not Prompt.Chat || request.Output != OutputForm.Parsed || request.Sampling.Seed is not null;
}
