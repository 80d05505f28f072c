using LocalInference.Core.Errors;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// Why the cloud's answer failed, told twice: to the client without a word of the cloud's, and to the log with the cause.
/// </summary>
/// <param name="Failure">For the client.</param>
/// <param name="Cause">For the log; holds no prompt text and no key.</param>
internal sealed record CloudFault(InferenceFailure Failure, string Cause)
{
    /// <summary>Nothing of an answer came: no connection, a refusal, or an answer that is none.</summary>
    public static CloudFault Unreachable(string cause) => new(
        new InferenceFailure(
            InferenceError.CloudUnreachable,
            "There is no room here, and the cloud that stands in could not be reached or did not take the request. "
            + "Try again later; the server's log has the cause."),
        cause);

    /// <summary>The answer began and broke off, or says itself that it failed.</summary>
    public static CloudFault Broken(string cause) => new(
        new InferenceFailure(
            InferenceError.CloudUnreachable,
            "There is no room here, and the cloud that stands in failed while it answered. Try again; the server's log has the cause."),
        cause);

    /// <summary>A limit of <see cref="CloudOptions"/> ran out.</summary>
    /// <param name="setting">Which.</param>
    /// <param name="limit">Its value.</param>
    public static CloudFault TimedOut(string setting, TimeSpan limit) => new(
        new InferenceFailure(
            InferenceError.CloudTimeout,
            $"There is no room here, and the cloud that stands in was silent for {limit.TotalSeconds:0.###} s, "
            + "which is the longest this server waits. Try again later."),
        $"Cloud:{setting} of {limit} ran out");

    /// <summary>The cloud is full too.</summary>
    /// <param name="retryAfter">When to come back.</param>
    /// <param name="cause">For the log.</param>
    public static CloudFault Full(TimeSpan retryAfter, string cause) => new(
        new InferenceFailure(
            InferenceError.QueueFull,
            $"There is no room here, and the cloud that stands in has none either. Try again in {Math.Ceiling(retryAfter.TotalSeconds)} s.",
            RetryAfter: retryAfter),
        cause);
}
