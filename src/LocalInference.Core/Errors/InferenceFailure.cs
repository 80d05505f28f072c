namespace LocalInference.Core.Errors;

/// <summary>An expected failure, as a value.</summary>
/// <param name="Error">What failed.</param>
/// <param name="Message">
/// For the client: names the thing, what was found and what is allowed. Holds no prompt text and nothing of the cloud's own message.
/// </param>
/// <param name="Parameter">The request field at fault, by wire name.</param>
/// <param name="RetryAfter">When trying again makes sense; always set for <see cref="InferenceError.QueueFull"/>.</param>
public sealed record InferenceFailure(InferenceError Error, string Message, string? Parameter = null, TimeSpan? RetryAfter = null);
