namespace LocalInference.Routing;

/// <summary>Every event that this project logs; 400 to 499 are its own, so that an alert on an id stays right.</summary>
internal static class EventIds
{
    /// <summary>A request leaves the machine.</summary>
    public const int Spilled = 400;

    /// <summary>The cloud did not answer, or broke off.</summary>
    public const int CloudFailed = 401;

    /// <summary>The cloud left the usage out.</summary>
    public const int CloudUsageMissing = 402;
}
