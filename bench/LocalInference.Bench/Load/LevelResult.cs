using System.Text.Json.Serialization;

namespace LocalInference.Bench.Load;

/// <summary>What one level showed. Failed requests count in <see cref="Failed"/> and nowhere else.</summary>
internal sealed record LevelResult
{
    public required int Concurrency { get; init; }

    public required int Requests { get; init; }

    public required int Failed { get; init; }

    /// <summary>Failures by reason.</summary>
    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    /// <summary>From the first request sent to the last answer ended.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>Mean over the answers of what the server counted; null without answers.</summary>
    public required double? PromptTokens { get; init; }

    public required double? OutputTokens { get; init; }

    /// <summary>All answers' tokens over the level's whole duration.</summary>
    public required double OutputTokensPerSecond { get; init; }

    public required Percentiles TimeToFirstTokenMs { get; init; }

    public required Percentiles TokenGapMs { get; init; }

    /// <summary>What was asked beside the load; null where nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProbeResult? Probe { get; init; }

    public static LevelResult Of(int concurrency, IReadOnlyList<RequestSample> samples, TimeSpan duration)
    {
        List<RequestSample> answers = [.. samples.Where(s => s.Failure is null)];
        return new LevelResult
        {
            Concurrency = concurrency,
            Requests = samples.Count,
            Failed = samples.Count - answers.Count,
            Failures = samples.Where(s => s.Failure is not null).CountBy(s => s.Failure!).OrderByDescending(f => f.Value).ToDictionary(),
            DurationSeconds = duration.TotalSeconds,
            PromptTokens = answers.Count == 0 ? null : answers.Average(a => a.PromptTokens),
            OutputTokens = answers.Count == 0 ? null : answers.Average(a => a.OutputTokens),
            OutputTokensPerSecond = answers.Sum(a => (long)a.OutputTokens) / duration.TotalSeconds,
            TimeToFirstTokenMs = Percentiles.Of(answers.Select(a => a.FirstToken)),
            TokenGapMs = Percentiles.Of(answers.SelectMany(a => a.Gaps)),
        };
    }
}
