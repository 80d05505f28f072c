using LocalInference.Core.Completions;
using LocalInference.Core.Options;
using LocalInference.Core.Telemetry;
using LocalInference.Routing.Cloud;
using LocalInference.Routing.Spill;
using Microsoft.Extensions.Logging;

namespace LocalInference.Routing;

/// <summary>Puts the router together.</summary>
public static class CompletionRouting
{
    /// <summary>Makes the router of a process: local first, and the cloud behind it where one is configured.</summary>
    /// <param name="admission">The local engine's door; stays the caller's.</param>
    /// <param name="local">The local engine; stays the caller's.</param>
    /// <param name="cloud">Without a <see cref="CloudOptions.BaseUrl"/> nothing ever leaves the machine.</param>
    /// <param name="metrics">Counts refusals, spills and the cloud's answers.</param>
    /// <param name="time">Measures the cloud's timeouts.</param>
    /// <param name="loggers">Where the cloud's failures are told.</param>
    /// <returns>Implements <see cref="IDisposable"/>: disposing it closes the connections to the cloud.</returns>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every fault.</exception>
    public static ICompletionRouter Create(
        IAdmission admission,
        ICompletionBackend<AdmissionLease> local,
        CloudOptions cloud,
        InferenceMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        OptionFaults.ThrowIfAny(cloud, "Cloud");
        CloudBackend? backend = !cloud.IsConfigured ? null : new CloudBackend(cloud, metrics, time, loggers.CreateLogger<CloudBackend>());
        return new SpillRouter(admission, local, backend, cloud.DefaultDataClass, metrics);
    }
}
