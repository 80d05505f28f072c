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

/// <summary>OpenAI's families of errors.</summary>
internal static class ErrorTypes
{
    public const string InvalidRequest = "invalid_request_error";
    public const string Authentication = "authentication_error";
    public const string RateLimit = "rate_limit_error";
    public const string Server = "server_error";
    public const string Upstream = "upstream_error";
}

/// <summary>The stable words that programs may test for.</summary>
internal static class ErrorCodes
{
    public const string InvalidValue = "invalid_value";
    public const string UnsupportedParameter = "unsupported_parameter";
    public const string ContextLengthExceeded = "context_length_exceeded";
    public const string InvalidApiKey = "invalid_api_key";
    public const string ModelNotFound = "model_not_found";
    public const string RequestTooLarge = "request_too_large";
    public const string QueueFull = "queue_full";
    public const string NotReady = "not_ready";
    public const string Draining = "draining";
    public const string EngineFailed = "engine_failed";
    public const string CloudUnreachable = "cloud_unreachable";
    public const string CloudTimeout = "cloud_timeout";
}
