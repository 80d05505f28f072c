namespace LocalInference.Core.Errors;

/// <summary>
/// Everything that can go wrong with a request, by who failed and when. A closed list: one table in the API maps it to the wire.
/// </summary>
public enum InferenceError
{
    /// <summary>A value of the request is outside what is allowed (found only where the model must be known).</summary>
    InvalidRequest,

    /// <summary>Prompt and answer do not fit the context.</summary>
    PromptTooLong,

    /// <summary>The chat template refused the conversation; the message carries the template's own words.</summary>
    PromptRejected,

    /// <summary>The named model is not served here.</summary>
    ModelNotFound,

    /// <summary>Running and waiting places are all taken.</summary>
    QueueFull,

    /// <summary>The model is not loaded yet, or could not be.</summary>
    NotReady,

    /// <summary>The server is stopping and takes nothing new.</summary>
    Draining,

    /// <summary>The engine failed on this request; others go on.</summary>
    EngineFailed,

    /// <summary>The cloud could not be reached, refused us, or failed.</summary>
    CloudUnreachable,

    /// <summary>The cloud did not answer in time.</summary>
    CloudTimeout,
}
