using LocalInference.Core.Errors;

namespace LocalInference.Routing.Admission;

/// <summary>What a refusal of the local engine means for the other side: only a want of room is a reason to ask it.</summary>
internal static class RefusalReading
{
    /// <summary>
    /// Whether the engine would take this very request if it were less busy. A prompt that is too long or wrong is so everywhere, and a
    /// server that loads or stops says so instead of quietly spending money.
    /// </summary>
    public static bool IsWantOfRoom(InferenceError error) => error == InferenceError.QueueFull;
}
