using LocalInference.Api.Errors;
using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Tests.Errors;

public sealed class ErrorTableTests
{
    [Theory]
    [InlineData(InferenceError.InvalidRequest, 400, "invalid_request_error", "invalid_value")]
    [InlineData(InferenceError.PromptTooLong, 400, "invalid_request_error", "context_length_exceeded")]
    [InlineData(InferenceError.PromptRejected, 400, "invalid_request_error", "invalid_value")]
    [InlineData(InferenceError.ModelNotFound, 404, "invalid_request_error", "model_not_found")]
    [InlineData(InferenceError.QueueFull, 429, "rate_limit_error", "queue_full")]
    [InlineData(InferenceError.NotReady, 503, "server_error", "not_ready")]
    [InlineData(InferenceError.Draining, 503, "server_error", "draining")]
    [InlineData(InferenceError.EngineFailed, 500, "server_error", "engine_failed")]
    [InlineData(InferenceError.CloudUnreachable, 502, "upstream_error", "cloud_unreachable")]
    [InlineData(InferenceError.CloudTimeout, 504, "upstream_error", "cloud_timeout")]
    public void Error_OfTheEngine_HasThisRow(InferenceError error, int status, string type, string code)
    {
        ApiError row = ErrorTable.ToApiError(new InferenceFailure(error, "words", "field", TimeSpan.FromSeconds(3)));

        Assert.Equal(new ApiError(status, type, code, "words", "field", TimeSpan.FromSeconds(3)), row);
    }

    [Fact]
    public void Errors_All_HaveARow()
    {
        foreach (InferenceError error in Enum.GetValues<InferenceError>())
            Assert.InRange(ErrorTable.ToApiError(new InferenceFailure(error, "")).Status, 400, 599);
    }

    [Theory]
    [InlineData(2.0, "2")]
    [InlineData(2.1, "3")]
    [InlineData(0.001, "1")]
    public async Task Refusal_WithRetryAfter_IsAHeaderInWholeSecondsRoundedUp(double seconds, string header)
    {
        await using TestApp app = await TestApp.StartAsync(
            ScriptedRouter.Refusing(InferenceError.QueueFull, TimeSpan.FromSeconds(seconds)));

        HttpResponseMessage response = await app.PostAsync("""{"messages":[{"role":"user","content":"Hi"}],"stream":true}""");

        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal(header, Assert.Single(response.Headers.GetValues("Retry-After")));
        Assert.Equal(
            """{"error":{"message":"Refused by the script.","type":"rate_limit_error","param":null,"code":"queue_full"}}""",
            await TestApp.ReadAsync(response));
    }
}
