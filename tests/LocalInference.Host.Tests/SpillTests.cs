using System.Net;
using System.Net.Http.Json;
using LocalInference.Host.Tests.Processes;

namespace LocalInference.Host.Tests;

/// <summary>Twelve long requests at once on room for four, with a real HTTP cloud beside the real server.</summary>
public sealed class SpillTests
{
    private sealed record Answer(HttpStatusCode Status, string? ServedBy, string? SpillReason, string? RetryAfter, string Text, long EndedAt);

    [Fact]
    public async Task TwelveAtOnce_WhatMayLeave_FourLocalEightCloudNoneLost()
    {
        await using StandInCloud cloud = await StandInCloud.StartAsync();
        await using HostProcess host = await ServeFourPlacesAsync(cloud);
        Answer[] answers = await AskTwelveAsync(host, "any");

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(4, answers.Count(a => a.ServedBy == "local" && a.SpillReason is null));
        Answer[] spilled = [.. answers.Where(a => a.ServedBy == "cloud")];
        Assert.Equal(8, spilled.Length);
        Assert.All(spilled, a => Assert.Equal("rejected-saturated", a.SpillReason));
        Assert.All(spilled, a => Assert.Contains("cloud.", a.Text));
        Assert.Equal(8, cloud.Asked.Count);
        Assert.All(cloud.Asked, asked => Assert.Equal("Bearer sk-test", asked.Authorization));
    }

    [Theory]
    [InlineData("local-only")]
    [InlineData("pii")]
    [InlineData(null)]
    public async Task TwelveAtOnce_WhatMayNotLeave_EightRefusedBeforeTheFirstAnswerEndsAndNothingReachesTheCloud(string? dataClass)
    {
        await using StandInCloud cloud = await StandInCloud.StartAsync();
        await using HostProcess host = await ServeFourPlacesAsync(cloud);
        Answer[] answers = await AskTwelveAsync(host, dataClass);

        Answer[] refused = [.. answers.Where(a => a.Status == HttpStatusCode.TooManyRequests)];
        Answer[] kept = [.. answers.Where(a => a.Status == HttpStatusCode.OK)];
        Assert.Equal((8, 4), (refused.Length, kept.Length));
        Assert.All(refused, a => Assert.True(int.Parse(a.RetryAfter!) >= 1));
        Assert.All(refused, a => Assert.Contains("queue_full", a.Text));
        Assert.True(refused.Max(a => a.EndedAt) < kept.Min(a => a.EndedAt), "A refusal came after the first answer had ended.");
        Assert.Empty(cloud.Asked);
    }

    private static Task<HostProcess> ServeFourPlacesAsync(StandInCloud cloud) => HostProcess.ServeAsync(
        "--Engine:MaxSequences", "2", "--Engine:MaxQueuedRequests", "2",
        "--Cloud:BaseUrl", cloud.Url, "--Cloud:ApiKey", "sk-test", "--Cloud:Model", "deepseek-flash");

    private static async Task<Answer[]> AskTwelveAsync(HostProcess host, string? dataClass)
    {
        using HttpClient client = new() { BaseAddress = host.Url };
        int ended = 0;
        return await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = JsonContent.Create(new
                {
                    model = "tiny-r1",
                    max_tokens = 900,
                    ignore_eos = true,
                    temperature = 1,
                    stream = i % 2 == 0,
                    messages = new[] { new { role = "user", content = $"Tell a long story about a secret kite, number {i}." } },
                }),
            };
            if (dataClass is not null) request.Headers.Add("X-Data-Class", dataClass);
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return new Answer(response.StatusCode, Header(response, "X-Served-By"), Header(response, "X-Spill-Reason"), Header(response, "Retry-After"), text, Interlocked.Increment(ref ended));
        }));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
