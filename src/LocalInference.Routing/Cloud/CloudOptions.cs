using System.ComponentModel.DataAnnotations;
using LocalInference.Core.Completions;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// Section <c>Cloud</c>: the OpenAI-compatible cloud that answers what finds no room here.
/// Not configured, and therefore never asked, until <see cref="BaseUrl"/> is set.
/// </summary>
/// <remarks>A class, not a record: nothing here may print itself, since it holds the key. No fault of it shows the key either.</remarks>
public sealed class CloudOptions : IValidatableObject
{
    /// <summary>Where <c>/chat/completions</c> is found, for example <c>https://api.deepseek.com</c>.</summary>
    /// <value>
    /// An absolute <c>https</c> address; <c>http</c> only on loopback, since key and prompt would cross the network in the clear.
    /// The default, none: no cloud.
    /// </value>
    public string? BaseUrl { get; init; }

    /// <summary>Sent as <c>Authorization: Bearer</c>; never logged.</summary>
    /// <value>Visible ASCII characters. The default, none: no such header is sent, as for a server of one's own on loopback.</value>
    public string? ApiKey { get; init; }

    /// <summary>The model asked of the cloud, by the cloud's own name: the local model's name means nothing there.</summary>
    /// <value>Required when <see cref="BaseUrl"/> is set; no default.</value>
    public string? Model { get; init; }

    /// <summary>What may leave the machine when a request does not say.</summary>
    /// <value><c>any</c> or <c>local-only</c>. The default is <c>local-only</c>: text leaves only where somebody has allowed it.</value>
    [EnumDataType(typeof(DataClass))]
    public DataClass DefaultDataClass { get; init; } = DataClass.LocalOnly;

    /// <summary>Longest time to open a connection, name lookup and TLS handshake included.</summary>
    /// <value>10 milliseconds to 5 minutes; the default is 10 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan ConnectTimeout { get; init; } = CloudDefaults.ConnectTimeout;

    /// <summary>
    /// Longest time from sending a request to the first part of its answer. Keep-alive comments are not part of the answer.
    /// </summary>
    /// <value>10 milliseconds to 1 hour; the default is 10 minutes, after which DeepSeek closes a request that has not begun.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstByteTimeout { get; init; } = CloudDefaults.FirstByteTimeout;

    /// <summary>
    /// Longest time between two events of an answer that has begun. Keep-alive comments are no events; time that our own client takes does
    /// not count.
    /// </summary>
    /// <value>10 milliseconds to 1 hour; the default is 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan IdleTimeout { get; init; } = CloudDefaults.IdleTimeout;

    /// <summary>Whether there is a cloud at all.</summary>
    public bool IsConfigured => !string.IsNullOrEmpty(BaseUrl);

    /// <summary>What attributes cannot say: the rules of the address, the key and the model.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsConfigured && AddressFault(BaseUrl!) is { } fault)
            yield return new ValidationResult(fault, [nameof(BaseUrl)]);
        if (IsConfigured && string.IsNullOrWhiteSpace(Model))
            yield return new ValidationResult(
                "Cloud:Model is missing, and Cloud:BaseUrl is set: name the model to ask the cloud for, as the cloud calls it.",
                [nameof(Model)]);
        if (ApiKey?.AsSpan().IndexOfAnyExceptInRange('!', '~') is int at and >= 0)
            yield return new ValidationResult(
                $"Cloud:ApiKey has a character at position {at} that is no visible ASCII character; an HTTP header cannot carry it.",
                [nameof(ApiKey)]);
    }

    private static string? AddressFault(string baseUrl)
    {
        if (!Uri.TryCreate(baseUrl, UriKind.Absolute, out Uri? address) || address.Scheme is not ("https" or "http"))
            return $"Cloud:BaseUrl is '{baseUrl}'; it must be an absolute https address, for example https://api.deepseek.com.";
        if (address.Scheme == "http" && !address.IsLoopback)
            return $"Cloud:BaseUrl is '{address.GetLeftPart(UriPartial.Authority)}'; plain http is allowed on loopback only, "
                + "since the key and the prompts would cross the network in the clear. Use https.";
        if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
            return "Cloud:BaseUrl carries a user, a query or a fragment; "
                + "give only scheme, host, port and path, and the key in Cloud:ApiKey.";
        return null;
    }
}
