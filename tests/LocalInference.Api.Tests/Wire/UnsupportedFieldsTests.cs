using System.Text.Json;
using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Tests.Wire;

public sealed class UnsupportedFieldsTests
{
    [Theory]
    [InlineData("n", "2", "1")]
    [InlineData("n", "\"1\"", "1.0")]
    [InlineData("best_of", "2", "1")]
    [InlineData("logprobs", "true", "false")]
    [InlineData("top_logprobs", "5", "0")]
    [InlineData("prompt_logprobs", "0", "null")]
    [InlineData("presence_penalty", "0.5", "0")]
    [InlineData("frequency_penalty", "-1", "0.0")]
    [InlineData("repetition_penalty", "1.1", "1")]
    [InlineData("repeat_penalty", "1.1", "1.0")]
    [InlineData("logit_bias", "{\"5\":1}", "{}")]
    [InlineData("min_tokens", "3", "0")]
    [InlineData("response_format", "{\"type\":\"json_object\"}", "{\"type\":\"text\"}")]
    [InlineData("structured_outputs", "{\"regex\":\"a\"}", "null")]
    [InlineData("guided_json", "{}", "null")]
    [InlineData("parallel_tool_calls", "false", "true")]
    [InlineData("functions", "[{}]", "[]")]
    [InlineData("function_call", "{\"name\":\"f\"}", "\"none\"")]
    [InlineData("reasoning_effort", "\"high\"", "null")]
    [InlineData("thinking_token_budget", "5", "null")]
    [InlineData("include_reasoning", "false", "true")]
    [InlineData("chat_template", "\"x\"", "null")]
    [InlineData("add_generation_prompt", "false", "true")]
    [InlineData("continue_final_message", "true", "false")]
    [InlineData("echo", "true", "false")]
    [InlineData("skip_special_tokens", "false", "true")]
    [InlineData("include_stop_str_in_output", "true", "false")]
    [InlineData("modalities", "[\"text\",\"audio\"]", "[\"text\"]")]
    [InlineData("priority", "5", "0")]
    [InlineData("cache_salt", "\"s\"", "null")]
    public void Field_WithEffect_IsRefusedAndANeutralOneIsSilent(string field, string asking, string neutral)
    {
        ApiError error = Validate($"\"{field}\":{asking}").Error!;
        Assert.Equal((400, ErrorCodes.UnsupportedParameter, field), (error.Status, error.Code, error.Parameter));
        Assert.StartsWith($"{field} is not supported: found ", error.Message);
        Assert.Contains("absent", error.Message);

        ChatRequest accepted = Validate($"\"{field}\":{neutral}").Request!;
        Assert.Empty(accepted.Ignored);
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\"}}")]
    public void ToolChoice_Forced_IsRefusedNamingWhatIsAllowed(string choice)
    {
        ApiError error = Validate($"\"tool_choice\":{choice}").Error!;

        Assert.Equal((ErrorCodes.UnsupportedParameter, "tool_choice"), (error.Code, error.Parameter));
        Assert.Contains("\"auto\", \"none\"", error.Message);
    }

    [Fact]
    public void Nested_FieldsWithEffect_AreRefused()
    {
        Assert.Equal("tools[0].function.strict", Validate("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true}}]").Error!.Parameter);
        Assert.Equal("stream_options.continuous_usage_stats", Validate("\"stream\":true,\"stream_options\":{\"continuous_usage_stats\":true}").Error!.Parameter);
    }

    private static (ChatRequest? Request, ApiError? Error) Validate(string field)
    {
        JsonElement body = JsonElement.Parse($$"""{"messages":[{"role":"user","content":"Hi"}],{{field}}}""");
        new RequestValidator(new ApiOptions()).TryValidate(body, new HeaderDictionary(), "id", out ChatRequest? request, out ApiError? error);
        return (request, error);
    }
}
