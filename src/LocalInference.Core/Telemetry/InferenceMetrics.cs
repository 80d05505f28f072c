using System.Diagnostics;
using System.Diagnostics.Metrics;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Core.Telemetry;

/// <summary>
/// Owns every instrument of the server. Names are Prometheus names: <c>/metrics</c> shows them as they stand here (counters with
/// <c>_total</c>). Times are in seconds. Recording costs nothing while nobody listens. Safe for concurrent use.
/// </summary>
public sealed class InferenceMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "LocalInference";

    // vLLM's buckets for times to a token, with finer ones below: a small model answers within milliseconds.
    private static readonly double[] FirstTokenBuckets =
        [.001, .002, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];
    private static readonly double[] TokenGapBuckets =
        [.0005, .001, .002, .003, .005, .01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
    private static readonly double[] WholeRequestBuckets =
        [
            .001, .002, .005, .01, .02, .05, .1, .2, .3, .5, .8, 1, 1.5, 2, 2.5, 5,
            10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
        ];
    private static readonly double[] StepTokenBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _generationTokens;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _spills;
    private readonly Counter<long> _preemptions;
    private readonly Counter<long> _aborted;
    private readonly Counter<long> _failedSteps;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _tokenGap;
    private readonly Histogram<double> _queueTime;
    private readonly Histogram<double> _requestTime;
    private readonly Histogram<double> _stepTime;
    private readonly Histogram<double> _stepTokens;
    private readonly Meter _meter;

    /// <summary>Makes the instruments.</summary>
    public InferenceMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create(MeterName);
        _promptTokens = _meter.CreateCounter<long>("prompt_tokens", "{token}", "Prompt tokens of admitted requests.");
        _generationTokens = _meter.CreateCounter<long>("generation_tokens", "{token}", "Tokens generated locally.");
        _requests = _meter.CreateCounter<long>("request_success", "{request}", "Completed requests by side and finish reason.");
        _failures = _meter.CreateCounter<long>("request_failures", "{request}", "Failed requests by side and error.");
        _rejections = _meter.CreateCounter<long>(
            "admission_rejections", "{request}", "Requests that the local engine did not admit, by error.");
        _spills = _meter.CreateCounter<long>("spill", "{request}", "Requests handed to the cloud, by reason.");
        _preemptions = _meter.CreateCounter<long>(
            "num_preemptions", "{sequence}", "Sequences that gave their blocks back to be computed again later.");
        _aborted = _meter.CreateCounter<long>("requests_aborted", "{request}", "Requests whose client went away.");
        _failedSteps = _meter.CreateCounter<long>("steps_failed", "{step}", "Steps that threw; their sequences were failed.");
        _firstToken = Histogram("time_to_first_token_seconds", "s", "From admission to the first token.", FirstTokenBuckets);
        _tokenGap = Histogram("inter_token_latency_seconds", "s", "Between two tokens of one sequence.", TokenGapBuckets);
        _queueTime = Histogram("request_queue_time_seconds", "s", "From admission to the first step.", WholeRequestBuckets);
        _requestTime = Histogram("e2e_request_latency_seconds", "s", "From admission to the last token.", WholeRequestBuckets);
        _stepTime = Histogram("step_duration_seconds", "s", "One engine step.", TokenGapBuckets);
        _stepTokens = Histogram("iteration_tokens", "{token}", "Tokens in one step.", StepTokenBuckets);
    }

    /// <summary>Registers what is read when somebody looks, rather than counted when it happens.</summary>
    /// <param name="running">Sequences in the running set.</param>
    /// <param name="waiting">Admitted sequences that have not begun.</param>
    /// <param name="usedBlocks">KV blocks in use.</param>
    /// <param name="blockCount">KV blocks there are.</param>
    public void ObserveEngine(Func<int> running, Func<int> waiting, Func<int> usedBlocks, int blockCount)
    {
        _meter.CreateObservableGauge("num_requests_running", running, "{request}", "Sequences that take part in steps.");
        _meter.CreateObservableGauge("num_requests_waiting", waiting, "{request}", "Admitted requests that wait for their first step.");
        _meter.CreateObservableGauge("kv_blocks_used", usedBlocks, "{block}", "KV cache blocks in use.");
        _meter.CreateObservableGauge("kv_blocks", () => blockCount, "{block}", "KV cache blocks there are.");
        _meter.CreateObservableGauge(
            "kv_cache_usage_perc", () => (double)usedBlocks() / blockCount, "1", "Share of the KV cache in use, 0 to 1.");
    }

    /// <summary>A request was admitted.</summary>
    public void Admitted(int promptTokens) => _promptTokens.Add(promptTokens);

    /// <summary>A request was not admitted.</summary>
    public void Rejected(InferenceError error)
    {
        if (_rejections.Enabled) _rejections.Add(1, new KeyValuePair<string, object?>("reason", error.ToString()));
    }

    /// <summary>A request went to the cloud.</summary>
    public void Spilled(string reason)
    {
        if (_spills.Enabled) _spills.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>An answer was completed.</summary>
    public void Finished(ServedBy side, FinishReason reason)
    {
        if (_requests.Enabled) _requests.Add(1, new TagList { { "served_by", side.WireName() }, { "finished_reason", reason.WireName() } });
    }

    /// <summary>An answer failed.</summary>
    public void Failed(ServedBy side, InferenceError error)
    {
        if (_failures.Enabled) _failures.Add(1, new TagList { { "served_by", side.WireName() }, { "error", error.ToString() } });
    }

    /// <summary>A client went away.</summary>
    public void Aborted() => _aborted.Add(1);

    /// <summary>A sequence was preempted.</summary>
    public void Preempted() => _preemptions.Add(1);

    /// <summary>A step ran.</summary>
    /// <param name="duration">From submit to the last token published.</param>
    /// <param name="tokens">New tokens in it.</param>
    /// <param name="generated">Tokens it generated.</param>
    public void Stepped(TimeSpan duration, int tokens, int generated)
    {
        _stepTime.Record(duration.TotalSeconds);
        _stepTokens.Record(tokens);
        _generationTokens.Add(generated);
    }

    /// <summary>A step threw.</summary>
    public void StepFailed() => _failedSteps.Add(1);

    /// <summary>A sequence took part in its first step.</summary>
    public void Began(TimeSpan sinceAdmission) => _queueTime.Record(sinceAdmission.TotalSeconds);

    /// <summary>A sequence got its first token.</summary>
    public void FirstToken(TimeSpan sinceAdmission) => _firstToken.Record(sinceAdmission.TotalSeconds);

    /// <summary>A sequence got a further token.</summary>
    public void NextToken(TimeSpan sinceLast) => _tokenGap.Record(sinceLast.TotalSeconds);

    /// <summary>A sequence got its last token.</summary>
    public void LastToken(TimeSpan sinceAdmission) => _requestTime.Record(sinceAdmission.TotalSeconds);

    private Histogram<double> Histogram(string name, string unit, string description, double[] buckets) =>
        _meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
