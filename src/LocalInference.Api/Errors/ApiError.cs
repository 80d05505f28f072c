namespace LocalInference.Api.Errors;

/// <summary>
/// A refusal as the client will see it. Everything that goes wrong in this project ends as one of these, and only here are their fixed
/// texts.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">OpenAI's family of errors, one of <see cref="ErrorTypes"/>.</param>
/// <param name="Code">A stable word for programs; null where the status says it all.</param>
/// <param name="Message">For people: names the thing, what was found, what is allowed.</param>
/// <param name="Parameter">The request field at fault, by wire name.</param>
/// <param name="RetryAfter">When trying again makes sense.</param>
internal sealed record ApiError(
    int Status, string Type, string? Code, string Message, string? Parameter = null, TimeSpan? RetryAfter = null)
{
    public static ApiError Invalid(string message, string? parameter = null, string code = ErrorCodes.InvalidValue) =>
        new(400, ErrorTypes.InvalidRequest, code, message, parameter);

    public static ApiError InvalidKey(string message) =>
        new(401, ErrorTypes.Authentication, ErrorCodes.InvalidApiKey, message);

    public static ApiError UnknownRoute(string method, string path) =>
        new(404, ErrorTypes.InvalidRequest, null,
            $"There is no route {method} {path} here; GET /v1/models and POST /v1/chat/completions are among those there are.");

    public static ApiError MethodNotAllowed(string method, string path, string allowed) =>
        new(405, ErrorTypes.InvalidRequest, null, $"{path} does not take {method}; it takes {allowed}.");

    public static ApiError BodyTooLarge(long limitBytes) =>
        new(413, ErrorTypes.InvalidRequest, ErrorCodes.RequestTooLarge,
            $"The request's body is longer than the {limitBytes} bytes that are allowed here.");

    public static ApiError NotJson(string? found) =>
        new(415, ErrorTypes.InvalidRequest, null,
            $"The request's Content-Type is {(string.IsNullOrEmpty(found) ? "absent" : $"'{found}'")}; "
            + "only application/json in UTF-8 is taken.");

    public static ApiError Internal() =>
        new(500, ErrorTypes.Server, ErrorCodes.EngineFailed, "The server failed on this request; its log says why.");
}
