namespace LocalInference.Api.Endpoints;

/// <summary>
/// Makes the ids of answers. Where the chance comes from is a constructor's matter, so that tests can hold every byte of an answer to a
/// file.
/// </summary>
internal sealed class CompletionIds(Func<Guid> next)
{
    public string Next() => $"chatcmpl-{next():N}";
}
