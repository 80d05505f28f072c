using System.Runtime.CompilerServices;
using LocalInference.Core.Completions;
using LocalInference.Core.Telemetry;
using LocalInference.Routing.Spill;
using Microsoft.Extensions.Logging;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// The cloud's side: an OpenAI-compatible service, always read as a stream. Keeps one pool of connections for the life of the process.
/// </summary>
internal sealed class CloudBackend : ICompletionBackend<SpillableRequest>, IDisposable
{
    private readonly CloudOptions _options;
    private readonly InferenceMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<CloudBackend> _logger;
    private readonly HttpClient _http;

    /// <summary>Opens no connection yet.</summary>
    /// <param name="options">Without faults, and configured.</param>
    /// <param name="metrics">Counts the cloud's answers.</param>
    /// <param name="time">Measures the timeouts, but for the connection's, which the socket measures itself.</param>
    /// <param name="logger">Is told why an answer failed.</param>
    public CloudBackend(CloudOptions options, InferenceMetrics metrics, TimeProvider time, ILogger<CloudBackend> logger)
    {
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        // Every limit is the call's own: HttpClient's would also end a long answer that goes well.
        _http = new HttpClient(Connections(options)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<CompletionChunk> CompleteAsync(
        SpillableRequest admitted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CloudAnswer answer = new(_options.Model!);
        List<CompletionChunk> parts = [];
        CloudFault? fault = null;
        try
        {
            await using CloudCall call = new(_http, _options, _time, admitted, cancellationToken);
            Log.Spilled(_logger, admitted.Request.Id, _options.BaseUrl!);
            fault = await call.SendAsync().ConfigureAwait(false);
            while (fault is null && !answer.HasEnded)
            {
                parts.Clear();
                fault = await call.ReadAsync(answer, parts).ConfigureAwait(false);
                if (fault is not null || answer.HasEnded) break;
                foreach (CompletionChunk part in parts) yield return part;
            }
        }
        finally
        {
            Record(admitted.Request.Id, answer, parts, fault);
        }
        // The connection is back in its pool before the last parts are given: a client that stops reading here holds nothing.
        foreach (CompletionChunk part in parts) yield return part;
        if (fault is not null) yield return new CompletionChunk.Failed(fault.Failure);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler Connections(CloudOptions options) => new()
    {
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = CloudDefaults.ConnectionLifetime,
        // Key and prompt go where the operator said, and nowhere that an answer points to.
        AllowAutoRedirect = false,
        UseCookies = false,
        // Trace ids and baggage of our callers are none of the cloud's business.
        ActivityHeadersPropagator = null,
    };

    private void Record(string id, CloudAnswer answer, List<CompletionChunk> parts, CloudFault? fault)
    {
        if (fault is not null)
        {
            _metrics.Failed(ServedBy.Cloud, fault.Failure.Error);
            Log.CloudFailed(_logger, id, _options.BaseUrl!, fault.Failure.Error, fault.Cause);
        }
        else if (answer.HasEnded && parts is [.., CompletionChunk.Finished finished])
        {
            _metrics.Finished(ServedBy.Cloud, finished.Reason);
            if (!answer.HasUsage) Log.UsageMissing(_logger, id, _options.BaseUrl!);
        }
        else
        {
            _metrics.Aborted();
        }
    }
}
