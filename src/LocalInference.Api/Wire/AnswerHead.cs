namespace LocalInference.Api.Wire;

/// <summary>What every object of one answer repeats.</summary>
/// <param name="Id">The request's id, <c>chatcmpl-…</c>.</param>
/// <param name="Created">When the answer began.</param>
/// <param name="Model">The model that really answers.</param>
/// <param name="Fingerprint">Changes with whatever may change the local answers; null for the cloud's, whose state is not known.</param>
internal sealed record AnswerHead(string Id, DateTimeOffset Created, string Model, string? Fingerprint);
