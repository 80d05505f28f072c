using System.ComponentModel.DataAnnotations;

namespace LocalInference.Api;

/// <summary>
/// What an operator decides about the HTTP side: who may ask, and how large a request may be. Immutable; checked as a whole when the API is
/// added. A request beyond a limit is refused by name, never cut.
/// </summary>
public sealed record ApiOptions : IValidatableObject
{
    /// <summary>
    /// The API key, or several (in settings separated by commas), each of which opens every <c>/v1</c> route and <c>/metrics</c>; health
    /// stays open for probes.
    /// </summary>
    /// <value>
    /// None by default: everybody who reaches the port may ask. A key is visible ASCII without spaces, as a Bearer token has to be.
    /// </value>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>
    /// Further ids under which the local model is listed and may be asked for, for example the name that existing clients have configured.
    /// </summary>
    /// <value>None by default. Answers carry the model's own id all the same.</value>
    public IReadOnlyList<string> ModelAliases { get; init; } = [];

    /// <summary>Longest request body, in bytes.</summary>
    /// <value>1,024 to 1,073,741,824; the default is 16,777,216 (16 MiB).</value>
    [Range(1024, 1 << 30)]
    public int MaxBodyBytes { get; init; } = ApiDefaults.MaxBodyBytes;

    /// <summary>Most messages in one conversation.</summary>
    /// <value>1 to 1,000,000; the default is 4,096.</value>
    [Range(1, 1_000_000)]
    public int MaxMessages { get; init; } = ApiDefaults.MaxMessages;

    /// <summary>Most tools in one request.</summary>
    /// <value>0 (no tools at all) to 4,096; the default is 128.</value>
    [Range(0, 4096)]
    public int MaxTools { get; init; } = ApiDefaults.MaxTools;

    /// <summary>Deepest nesting of a request's JSON, in levels.</summary>
    /// <value>8 to 1,000; the default is 64.</value>
    [Range(8, 1000)]
    public int MaxJsonDepth { get; init; } = ApiDefaults.MaxJsonDepth;

    /// <summary>Most stop strings in one request.</summary>
    /// <value>1 to 256; the default is 16.</value>
    [Range(1, 256)]
    public int MaxStopStrings { get; init; } = ApiDefaults.MaxStopStrings;

    /// <summary>Longest stop string, in UTF-16 characters.</summary>
    /// <value>1 to 65,536; the default is 1,024.</value>
    [Range(1, 65_536)]
    public int MaxStopStringLength { get; init; } = ApiDefaults.MaxStopStringLength;

    /// <summary>Most stop token ids in one request.</summary>
    /// <value>1 to 4,096; the default is 128.</value>
    [Range(1, 4096)]
    public int MaxStopTokenIds { get; init; } = ApiDefaults.MaxStopTokenIds;

    /// <summary>
    /// Most fields of one request that this server does not know; they are named in the answer's <c>X-Ignored-Params</c> header.
    /// </summary>
    /// <value>0 (strict: an unknown field is an error) to 256; the default is 64.</value>
    [Range(0, 256)]
    public int MaxIgnoredFields { get; init; } = ApiDefaults.MaxIgnoredFields;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (int i = 0; i < Key.Count; i++)
        {
            if (Key[i] is null or "" || Key[i].Any(c => c is <= ' ' or > '~'))
                yield return new ValidationResult(
                    $"Api:{nameof(Key)}[{i}] must be visible ASCII without spaces, at least one character; its text is not shown here.");
        }
        for (int i = 0; i < ModelAliases.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(ModelAliases[i]))
                yield return new ValidationResult($"Api:{nameof(ModelAliases)}[{i}] is empty; a model id has at least one character.");
        }
    }
}
