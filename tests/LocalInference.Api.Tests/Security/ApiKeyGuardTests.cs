using System.Net;
using LocalInference.Api.Tests.Testing;

namespace LocalInference.Api.Tests.Security;

public sealed class ApiKeyGuardTests
{
    private static readonly ApiOptions TwoKeys = new() { Key = ["first-key", "second-key"] };

    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/models/tiny")]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("GET", "/v1/nowhere")]
    [InlineData("GET", "/metrics")]
    public async Task Route_Guarded_WithoutKeyIs401(string method, string path)
    {
        await using TestApp app = await StartAsync(TwoKeys);

        HttpResponseMessage response = await SendAsync(app, method, path, authorization: null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        string body = await TestApp.ReadAsync(response);
        Assert.Contains("\"type\":\"authentication_error\"", body);
        Assert.Contains("\"code\":\"invalid_api_key\"", body);
    }

    [Theory]
    [InlineData("Bearer first-key")]
    [InlineData("Bearer second-key")]
    [InlineData("bearer second-key")]
    public async Task Key_Configured_OpensTheRoute(string authorization)
    {
        await using TestApp app = await StartAsync(TwoKeys);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, "GET", "/v1/models", authorization)).StatusCode);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer first-ke")]
    [InlineData("Bearer first-keyy")]
    [InlineData("Bearer FIRST-KEY")]
    [InlineData("Basic first-key")]
    [InlineData("first-key")]
    public async Task Key_Wrong_Is401AndNotRepeated(string authorization)
    {
        await using TestApp app = await StartAsync(TwoKeys);

        HttpResponseMessage response = await SendAsync(app, "GET", "/v1/models", authorization);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.DoesNotContain("first", await TestApp.ReadAsync(response), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_WithKeysConfigured_StaysOpen(string path)
    {
        await using TestApp app = await StartAsync(TwoKeys);

        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Keys_None_EverybodyMayAsk()
    {
        await using TestApp app = await StartAsync(new ApiOptions());

        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync("/metrics")).StatusCode);
    }

    private static Task<TestApp> StartAsync(ApiOptions options) => TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain), options);

    private static Task<HttpResponseMessage> SendAsync(TestApp app, string method, string path, string? authorization)
    {
        HttpRequestMessage request = new(new HttpMethod(method), path);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return app.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
