namespace LocalInference.Api;

/// <summary>The defaults of <see cref="ApiOptions"/>, with their reasons.</summary>
internal static class ApiDefaults
{
    /// <summary>
    /// 16 MiB: the longest context a cloud side offers, a million tokens, is about 4 MB of English, and up to four times that once a client
    /// escapes what it writes.
    /// </summary>
    public const int MaxBodyBytes = 16 * 1024 * 1024;

    /// <summary>An agent's session of a thousand tool rounds is about 2,000 messages; the template's time grows with them.</summary>
    public const int MaxMessages = 4096;

    /// <summary>What OpenAI allows, so that no client that works there is refused here.</summary>
    public const int MaxTools = 128;

    /// <summary>The depth that System.Text.Json takes by default; JSON schemas of tools seldom pass 20.</summary>
    public const int MaxJsonDepth = 64;

    /// <summary>OpenAI allows 4 and clients of other servers send more; every one is compared at every token.</summary>
    public const int MaxStopStrings = 16;

    /// <summary>
    /// Text that may be the beginning of a stop string is held back from the client: a longer one would stall the stream visibly.
    /// </summary>
    public const int MaxStopStringLength = 1024;

    /// <summary>A vocabulary has a few dozen control tokens; every id is compared at every token.</summary>
    public const int MaxStopTokenIds = 128;

    /// <summary>Every known client's extras fit, and the header that names them stays below the 8 KiB that proxies take.</summary>
    public const int MaxIgnoredFields = 64;
}
