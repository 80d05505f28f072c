using System.Diagnostics;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Errors;

/// <summary>The one place where an <see cref="InferenceError"/> gets its status, type and code.</summary>
internal static class ErrorTable
{
    public static ApiError ToApiError(InferenceFailure failure)
    {
        (int status, string type, string code) = failure.Error switch
        {
            InferenceError.InvalidRequest => (400, ErrorTypes.InvalidRequest, ErrorCodes.InvalidValue),
            InferenceError.PromptTooLong => (400, ErrorTypes.InvalidRequest, ErrorCodes.ContextLengthExceeded),
            InferenceError.PromptRejected => (400, ErrorTypes.InvalidRequest, ErrorCodes.InvalidValue),
            InferenceError.ModelNotFound => (404, ErrorTypes.InvalidRequest, ErrorCodes.ModelNotFound),
            InferenceError.QueueFull => (429, ErrorTypes.RateLimit, ErrorCodes.QueueFull),
            InferenceError.NotReady => (503, ErrorTypes.Server, ErrorCodes.NotReady),
            InferenceError.Draining => (503, ErrorTypes.Server, ErrorCodes.Draining),
            InferenceError.EngineFailed => (500, ErrorTypes.Server, ErrorCodes.EngineFailed),
            InferenceError.CloudUnreachable => (502, ErrorTypes.Upstream, ErrorCodes.CloudUnreachable),
            InferenceError.CloudTimeout => (504, ErrorTypes.Upstream, ErrorCodes.CloudTimeout),
            _ => throw new UnreachableException($"{nameof(InferenceError)}.{failure.Error} has no row in {nameof(ErrorTable)}."),
        };
        return new ApiError(status, type, code, failure.Message, failure.Parameter, failure.RetryAfter);
    }
}
