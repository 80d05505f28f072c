namespace LocalInference.Routing.Cloud;

/// <summary>The cloud client's numbers that nobody sets but the operator, with their reasons.</summary>
internal static class CloudDefaults
{
    /// <summary>
    /// A connection that takes longer is not coming: TCP gives up its third attempt after 7 s, and a TLS handshake is two round trips.
    /// </summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// DeepSeek holds a waiting request open with comments and closes it itself when inference has not begun within 10 minutes.
    /// </summary>
    public static readonly TimeSpan FirstByteTimeout = TimeSpan.FromMinutes(10);

    /// <summary>A cloud that has begun writes many tokens a second; a minute without one is a dead connection, not a slow model.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Connections are renewed this often, so that a changed DNS entry is noticed without a restart.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
}
