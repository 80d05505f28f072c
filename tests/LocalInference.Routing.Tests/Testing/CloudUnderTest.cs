using LocalInference.Core.Completions;
using LocalInference.Core.Options;
using LocalInference.Routing.Cloud;
using Microsoft.Extensions.Time.Testing;

namespace LocalInference.Routing.Tests.Testing;

/// <summary>A cloud backend with a clock, counts and a log that the test holds.</summary>
internal sealed class CloudUnderTest : IDisposable
{
    public const string Key = "sk-test-0123456789";

    public FakeTimeProvider Time { get; } = new();

    public RecordedMetrics Recorded { get; } = new();

    public RecordedLog<CloudBackend> Log { get; } = new();

    public IDisposable Backend(
        string url, out Func<CompletionRequest, IAsyncEnumerable<CompletionChunk>> complete, TimeSpan? connectTimeout = null)
    {
        CloudOptions options = new() { BaseUrl = url, ApiKey = Key, Model = "deepseek-flash", ConnectTimeout = connectTimeout ?? new CloudOptions().ConnectTimeout };
        Assert.Empty(OptionFaults.Of(options, "Cloud"));
        CloudBackend backend = new(options, Recorded.Metrics, Time, Log);
        // The token comes from the enumeration, as it does for every user of a backend.
        complete = request => backend.CompleteAsync(Requests.Spillable(request), CancellationToken.None);
        return backend;
    }

    public async Task<List<CompletionChunk>> AnswerAsync(StandInCloud cloud, CompletionRequest? request = null, string path = "")
    {
        using IDisposable backend = Backend(cloud.Url + path, out var complete);
        return await complete(request ?? Requests.Chat()).ToListAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => Recorded.Dispose();
}
