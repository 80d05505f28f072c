using System.Net;
using System.Text;
using System.Text.Json;
using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Tests.Endpoints;

public sealed class ChatCompletionsTests
{
    private const string Body = """{"messages":[{"role":"user","content":"Hi"}]}""";

    [Fact]
    public async Task Answer_FromTheCloud_SaysWhereWhyAndWhichModel()
    {
        await using TestApp app = await TestApp.StartAsync(new ScriptedRouter(_ =>
            new RoutedCompletion(ServedBy.Cloud, token => ScriptedRouter.Play([new CompletionChunk.Started("deepseek-flash"), .. Chunks.Plain[1..]], token))
            {
                SpillReason = "rejected-saturated",
                IgnoredParameters = ["top_k", "seed"],
            }));

        HttpResponseMessage response = await app.PostAsync("""{"messages":[{"role":"user","content":"Hi"}],"user":"me","seed":1}""");

        Assert.Equal("cloud", Header(response, "X-Served-By"));
        Assert.Equal("rejected-saturated", Header(response, "X-Spill-Reason"));
        Assert.Equal("deepseek-flash", Header(response, "X-Model-Actual"));
        Assert.Equal("user, top_k, seed", Header(response, "X-Ignored-Params"));
        JsonElement answer = await TestApp.ReadJsonAsync(response);
        Assert.Equal("deepseek-flash", answer.GetProperty("model").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("system_fingerprint").ValueKind);
    }

    [Fact]
    public async Task Ignored_NamesNoHeaderCanCarry_AreEncoded()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));

        HttpResponseMessage response = await app.PostAsync("""{"messages":[{"role":"user","content":"Hi"}],"a,b\r\nX-Evil: 1":1,"é":1}""");

        Assert.Equal("a%2Cb%0D%0AX-Evil%3A%201, %C3%A9", Header(response, "X-Ignored-Params"));
        Assert.False(response.Headers.Contains("X-Evil"));
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("an-alias")]
    public async Task Model_KnownById_IsServed(string id)
    {
        await using TestApp app = await TestApp.StartAsync(
            ScriptedRouter.Answering(Chunks.Plain), new ApiOptions { ModelAliases = ["an-alias"] });

        HttpResponseMessage response = await app.PostAsync($$"""{"model":"{{id}}","messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal("tiny", (await TestApp.ReadJsonAsync(response)).GetProperty("model").GetString());
    }

    [Fact]
    public async Task Model_Unknown_Is404AndAsksNobody()
    {
        ScriptedRouter router = ScriptedRouter.Answering(Chunks.Plain);
        await using TestApp app = await TestApp.StartAsync(router);

        HttpResponseMessage response = await app.PostAsync("""{"model":"gpt","messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(
            """{"error":{"message":"The model 'gpt' is not served here; served: tiny.","type":"invalid_request_error","param":"model","code":"model_not_found"}}""",
            await TestApp.ReadAsync(response));
        Assert.Empty(router.Requests);
    }

    [Fact]
    public async Task Model_NotReadYet_Is503WithTheReason()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));
        app.Status.Model = null;
        app.Status.Reason = "Reading weights.";

        HttpResponseMessage response = await app.PostAsync(Body);

        await AssertErrorAsync(response, 503, "not_ready", "Reading weights.");
    }

    [Fact]
    public async Task Refusal_OfTheRouter_IsAStatusWithoutServedBy()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Refusing(InferenceError.Draining));

        HttpResponseMessage response = await app.PostAsync("""{"messages":[{"role":"user","content":"Hi"}],"user":"me"}""");

        await AssertErrorAsync(response, 503, "draining", "Refused by the script.");
        Assert.False(response.Headers.Contains("X-Served-By"));
        Assert.Equal("user", Header(response, "X-Ignored-Params"));
    }

    [Fact]
    public async Task Router_Throws_Is500AndLogged()
    {
        await using TestApp app = await TestApp.StartAsync(
            new ScriptedRouter(_ => throw new InvalidOperationException("the secret prompt")));

        HttpResponseMessage response = await app.PostAsync(Body);

        await AssertErrorAsync(response, 500, "engine_failed", "its log says why");
        Assert.DoesNotContain("secret", await TestApp.ReadAsync(response));
        Assert.Contains(app.Log.Entries, entry => entry.Text.Contains("POST /v1/chat/completions"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=latin1")]
    [InlineData(null)]
    public async Task ContentType_NotJson_Is415(string? contentType)
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));
        ByteArrayContent content = new(Encoding.UTF8.GetBytes(Body));
        if (contentType is not null) content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        HttpResponseMessage response = await app.Client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);

        await AssertErrorAsync(response, 415, null, "application/json");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Body_BeyondTheLimit_Is413AndUpToItPasses(bool isReal, bool hasLength)
    {
        ApiOptions options = new() { MaxBodyBytes = 2000 };
        ScriptedRouter router = ScriptedRouter.Answering(Chunks.Plain);
        await using TestApp app = isReal ? await TestApp.StartOnLoopbackAsync(router, options) : await TestApp.StartAsync(router, options);

        Assert.Equal(HttpStatusCode.OK, (await PostBytesAsync(2000)).StatusCode);
        await AssertErrorAsync(await PostBytesAsync(2001), 413, "request_too_large", "2000 bytes");
        await AssertErrorAsync(await PostBytesAsync(200_000), 413, "request_too_large", "2000 bytes");

        Task<HttpResponseMessage> PostBytesAsync(int length)
        {
            HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = TestApp.Json(Body.PadRight(length)) };
            request.Headers.TransferEncodingChunked = !hasLength;
            return app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Body_LargerThanKestrelsOwnLimit_PassesWhenTheOptionAllows()
    {
        const int Length = 31_000_000; // Kestrel's default limit is 30,000,000
        await using TestApp app = await TestApp.StartOnLoopbackAsync(
            ScriptedRouter.Answering(Chunks.Plain), new ApiOptions { MaxBodyBytes = Length });

        Assert.Equal(HttpStatusCode.OK, (await app.PostAsync(Body.PadRight(Length))).StatusCode);
    }

    [Fact]
    public async Task Body_NotJson_Is400WithWhere()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));

        await AssertErrorAsync(await app.PostAsync("{\n\"messages\": oops}"), 400, "invalid_value", "line 2, byte 13");
    }

    [Fact]
    public async Task RequestId_FromTheClient_ComesBackAndElseOneIsMade()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));
        HttpRequestMessage request = new(HttpMethod.Get, "/health");
        request.Headers.Add("X-Request-Id", "abc-123");

        Assert.Equal("abc-123", Header(await app.Client.SendAsync(request, TestContext.Current.CancellationToken), "X-Request-Id"));
        Assert.NotEmpty(Header(await app.GetAsync("/health"), "X-Request-Id"));
    }

    [Fact]
    public async Task Logs_OfAnswersAndErrors_HoldNoPromptText()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));

        await app.PostAsync("""{"messages":[{"role":"user","content":"zanzibar"}],"temperature":"zanzibar"}""");
        await app.PostAsync("""{"messages":[{"role":"user","content":"zanzibar"}]}""");

        Assert.DoesNotContain(app.Log.Entries, entry => entry.Text.Contains("zanzibar"));
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string? code, string text)
    {
        Assert.Equal(status, (int)response.StatusCode);
        JsonElement error = (await TestApp.ReadJsonAsync(response)).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(text, error.GetProperty("message").GetString());
    }
}
