using System.Net;
using System.Net.Sockets;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Cloud;
using LocalInference.Routing.Tests.Testing;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Routing.Tests.Cloud;

public sealed class CloudBackendTimeoutTests : IDisposable
{
    private readonly CloudUnderTest _test = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        _goOn.TrySetResult();
        _test.Dispose();
    }

    [Fact]
    public async Task CompleteAsync_NoStatusLine_TimesOutAsOneFailure()
    {
        await using StandInCloud cloud = await StandInCloud.StartAsync(WaitAsync);
        Assert.Equal(InferenceError.CloudTimeout, await FailureAfter(cloud, new CloudOptions().FirstByteTimeout));
        Assert.Contains("Cloud:FirstByteTimeout of 00:10:00 ran out", _test.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompleteAsync_OnlyKeepAlivesAndARole_AreNotProgress()
    {
        await using StandInCloud cloud = await StandInCloud.StartAsync(async context =>
        {
            await StandInCloud.BeginAsync(context);
            await StandInCloud.SendAsync(context, Frames.KeepAlive);
            await StandInCloud.SendAsync(context, Frames.Role);
            await StandInCloud.SendAsync(context, Frames.KeepAlive);
            await WaitAsync(context);
        });
        Assert.Equal(InferenceError.CloudTimeout, await FailureAfter(cloud, new CloudOptions().FirstByteTimeout));
    }

    [Fact]
    public async Task CompleteAsync_SilenceAfterTheFirstPart_TimesOutAtTheEnd()
    {
        await using StandInCloud cloud = await StandInCloud.StartAsync(async context =>
        {
            await StandInCloud.BeginAsync(context);
            await StandInCloud.SendAsync(context, Frames.Content("Ye"));
            await StandInCloud.SendAsync(context, Frames.KeepAlive);
            await WaitAsync(context);
        });
        using IDisposable backend = _test.Backend(cloud.Url, out var complete);
        await using IAsyncEnumerator<CompletionChunk> chunks =
            complete(Requests.Chat()).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await chunks.MoveNextAsync());
        Assert.True(await chunks.MoveNextAsync());
        Assert.Equal(new CompletionChunk.Content("Ye"), chunks.Current);
        ValueTask<bool> next = chunks.MoveNextAsync();
        _test.Time.Advance(new CloudOptions().IdleTimeout);
        Assert.True(await next);
        Assert.Equal(InferenceError.CloudTimeout, Assert.IsType<CompletionChunk.Failed>(chunks.Current).Failure.Error);
        Assert.False(await chunks.MoveNextAsync());
        Assert.Contains("Cloud:IdleTimeout of 00:01:00 ran out", _test.Log.Text, StringComparison.Ordinal);
        Assert.Equal(["request_failures{cloud,CloudTimeout}"], _test.Recorded.Counts);
    }

    [Fact]
    public async Task CompleteAsync_OurOwnClientIsSlow_IsNotTheCloudsSilence()
    {
        await using StandInCloud cloud = await StandInCloud.StartAsync(async context =>
        {
            await StandInCloud.BeginAsync(context);
            await StandInCloud.SendAsync(context, Frames.Content("Ye"));
            await WaitAsync(context);
            await StandInCloud.SendAsync(context, Frames.Finish("stop"));
            await StandInCloud.SendAsync(context, Frames.Done);
        });
        using IDisposable backend = _test.Backend(cloud.Url, out var complete);
        await using IAsyncEnumerator<CompletionChunk> chunks =
            complete(Requests.Chat()).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await chunks.MoveNextAsync());
        _test.Time.Advance(TimeSpan.FromHours(1));
        Assert.True(await chunks.MoveNextAsync());
        _test.Time.Advance(TimeSpan.FromHours(1));
        _goOn.SetResult();
        Assert.True(await chunks.MoveNextAsync());
        Assert.IsType<CompletionChunk.Finished>(chunks.Current);
    }

    [Fact]
    public async Task CompleteAsync_AConnectionThatNeverOpens_TimesOut()
    {
        // It accepts and then says nothing: a TLS handshake waits for ever.
        using TcpListener mute = new(IPAddress.Loopback, 0);
        mute.Start();
        string url = $"https://127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}";
        using IDisposable backend = _test.Backend(url, out var complete, connectTimeout: TimeSpan.FromMilliseconds(50));
        CompletionChunk only = Assert.Single(await complete(Requests.Chat()).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(InferenceError.CloudTimeout, Assert.IsType<CompletionChunk.Failed>(only).Failure.Error);
        Assert.Contains("Cloud:ConnectTimeout of 00:00:00.0500000 ran out", _test.Log.Text, StringComparison.Ordinal);
    }

    private async Task WaitAsync(HttpContext context)
    {
        _asked.TrySetResult();
        await _goOn.Task.WaitAsync(context.RequestAborted);
    }

    private async Task<InferenceError> FailureAfter(StandInCloud cloud, TimeSpan limit)
    {
        using IDisposable backend = _test.Backend(cloud.Url, out var complete);
        ValueTask<List<CompletionChunk>> answer = complete(Requests.Chat()).ToListAsync(TestContext.Current.CancellationToken);
        await _asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        _test.Time.Advance(limit);
        return Assert.IsType<CompletionChunk.Failed>(Assert.Single(await answer)).Failure.Error;
    }
}
