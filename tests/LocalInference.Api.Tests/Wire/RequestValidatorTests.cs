using System.Text.Json;
using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Tests.Wire;

/// <summary>Every field with values that pass and values that do not.</summary>
public sealed class RequestValidatorTests
{
    private const string Hello = """ "messages":[{"role":"user","content":"Hi"}] """;

    public static TheoryData<string> Valid =>
    [
        """ "model":"tiny" """, """ "model":null """,
        """ "stream":true """, """ "stream":false """,
        """ "stream":true,"stream_options":{"include_usage":true} """, """ "stream":true,"stream_options":{"include_usage":false,"continuous_usage_stats":false} """,
        """ "max_tokens":1 """, """ "max_tokens":256.0 """, """ "max_completion_tokens":100000 """, """ "max_tokens":null """,
        """ "temperature":0 """, """ "temperature":2 """, """ "top_p":1 """, """ "top_p":0.001 """,
        """ "top_k":0 """, """ "top_k":-1 """, """ "top_k":50 """, """ "min_p":0 """, """ "min_p":1 """,
        """ "seed":0 """, """ "seed":-9223372036854775808 """, """ "seed":9223372036854775807 """,
        """ "stop":"x" """, """ "stop":["x","y"] """, """ "stop":[] """, """ "stop":null """,
        """ "stop_token_ids":[] """, """ "stop_token_ids":[0,5] """, """ "ignore_eos":true """,
        """ "tools":[] """, """ "tools":[{"type":"function","function":{"name":"f"}}] """,
        """ "tools":[{"type":"function","function":{"name":"f-1_A","description":"d","parameters":{"type":"object"},"strict":false}}] """,
        """ "tool_choice":"auto" """, """ "tool_choice":"none" """,
        """ "chat_template_kwargs":{} """, """ "chat_template_kwargs":{"enable_thinking":false} """,
    ];

    /// <summary>A field's text, and the parameter that the error must name.</summary>
    public static TheoryData<string, string> Invalid => new()
    {
        { """ "model":7 """, "model" }, { """ "model":"" """, "model" },
        { """ "stream":"yes" """, "stream" }, { """ "stream":1 """, "stream" },
        { """ "stream_options":{"include_usage":true} """, "stream_options" },
        { """ "stream":true,"stream_options":true """, "stream_options" },
        { """ "stream":true,"stream_options":{"include_usage":1} """, "stream_options.include_usage" },
        { """ "max_tokens":0 """, "max_tokens" }, { """ "max_tokens":1.5 """, "max_tokens" }, { """ "max_tokens":"5" """, "max_tokens" },
        { """ "max_tokens":1e300 """, "max_tokens" }, { """ "max_completion_tokens":-1 """, "max_completion_tokens" }, { """ "max_tokens":3000000000 """, "max_tokens" },
        { """ "temperature":-0.1 """, "temperature" }, { """ "temperature":2.1 """, "temperature" }, { """ "temperature":"hot" """, "temperature" }, { """ "temperature":1e999 """, "temperature" },
        { """ "top_p":0 """, "top_p" }, { """ "top_p":1.01 """, "top_p" }, { """ "top_p":[] """, "top_p" },
        { """ "top_k":-2 """, "top_k" }, { """ "top_k":1.5 """, "top_k" },
        { """ "min_p":-0.1 """, "min_p" }, { """ "min_p":1.1 """, "min_p" },
        { """ "seed":0.5 """, "seed" }, { """ "seed":9223372036854775808 """, "seed" }, { """ "seed":"x" """, "seed" },
        { """ "stop":"" """, "stop" }, { """ "stop":5 """, "stop" }, { """ "stop":["a",""] """, "stop[1]" }, { """ "stop":["a",7] """, "stop[1]" }, { """ "stop":{} """, "stop" },
        { """ "stop":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"] """, "stop" },
        { """ "stop_token_ids":5 """, "stop_token_ids" }, { """ "stop_token_ids":[-1] """, "stop_token_ids[0]" }, { """ "stop_token_ids":[1,"2"] """, "stop_token_ids[1]" },
        { """ "ignore_eos":"no" """, "ignore_eos" },
        { """ "tools":{} """, "tools" }, { """ "tools":[1] """, "tools[0]" },
        { """ "tools":[{"type":"web_search"}] """, "tools[0].type" },
        { """ "tools":[{"type":"function"}] """, "tools[0].function" },
        { """ "tools":[{"type":"function","function":{}}] """, "tools[0].function.name" },
        { """ "tools":[{"type":"function","function":{"name":"a b"}}] """, "tools[0].function.name" },
        { """ "tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}] """, "tools[1].function.name" },
        { """ "tools":[{"type":"function","function":{"name":"f","parameters":"none"}}] """, "tools[0].function.parameters" },
        { """ "tools":[{"type":"function","function":{"name":"f","description":5}}] """, "tools[0].function.description" },
        { """ "tool_choice":"any" """, "tool_choice" }, { """ "tool_choice":true """, "tool_choice" },
        { """ "chat_template_kwargs":[] """, "chat_template_kwargs" },
        { """ "chat_template_kwargs":{"bos_token":"x"} """, "chat_template_kwargs.bos_token" },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Field_Allowed_Passes(string field)
    {
        Assert.NotNull(Validate($"{{{Hello},{field}}}").Request);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Field_NotAllowed_IsAFaultThatNamesIt(string field, string parameter)
    {
        ApiError error = Validate($"{{{Hello},{field}}}").Error!;

        Assert.Equal(
            (400, ErrorTypes.InvalidRequest, ErrorCodes.InvalidValue, parameter), (error.Status, error.Type, error.Code, error.Parameter));
        Assert.StartsWith($"{parameter}: found ", error.Message);
        Assert.Contains("; allowed: ", error.Message);
    }

    [Fact]
    public void Faults_Several_AreAllInOneMessage()
    {
        ApiError error = Validate("""{"messages":[],"temperature":3,"max_tokens":0,"n":2,"stop":"","top_p":"x"}""").Error!;

        foreach (string field in new[] { "messages:", "temperature:", "max_tokens:", "n is", "stop:", "top_p:" })
            Assert.Contains(field, error.Message);
        Assert.Equal("messages", error.Parameter);
    }

    [Fact]
    public void Fault_SaysFoundAndAllowed_InTheseWords()
    {
        Assert.Equal("temperature: found 3; allowed: a number from 0 to 2.", Validate($"{{{Hello},\"temperature\":3}}").Error!.Message);
        Assert.Equal("top_p: found \"x\"; allowed: a number above 0 to 1.", Validate($"{{{Hello},\"top_p\":\"x\"}}").Error!.Message);
        Assert.Equal(
            "max_tokens: found an object; allowed: an integer, 1 or above.", Validate($"{{{Hello},\"max_tokens\":{{}}}}").Error!.Message);
        Assert.Equal("messages: found nothing; allowed: an array of 1 to 4096 messages.", Validate("{}").Error!.Message);
    }

    [Fact]
    public void Faults_Thousands_AreCountedAndNotAllListed()
    {
        string messages = string.Join(',', Enumerable.Repeat("""{"role":"nobody","content":"x"}""", 1000));

        string text = Validate($$"""{"messages":[{{messages}}]}""").Error!.Message;

        Assert.Contains("980 more faults of this request are not listed.", text);
        Assert.True(text.Length < 4000);
    }

    [Fact]
    public void Fault_InALongText_DoesNotRepeatIt()
    {
        string text = Validate($$"""{"messages":"{{new string('s', 500)}}"}""").Error!.Message;

        Assert.Contains("a string of 500 characters", text);
        Assert.DoesNotContain("sss", text);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("null")]
    public void Body_NoObject_IsAFault(string body) => Assert.Equal("the body", Validate(body).Error!.Parameter);

    [Fact]
    public void Request_WithEverything_ArrivesInCore()
    {
        ChatRequest request = Validate("""
            {"model":"tiny","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true},
             "max_tokens":5,"max_completion_tokens":9,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.05,"seed":-7,
             "stop":["a","b"],"stop_token_ids":[3,4],"ignore_eos":true,
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}},"x":1}],"tool_choice":"auto",
             "chat_template_kwargs":{"enable_thinking":false,"none":null}}
            """).Request!;

        Assert.Equal("tiny", request.Model);
        Assert.True(request.Streams);
        Assert.True(request.IncludesUsage);
        CompletionRequest completion = request.Completion;
        Assert.Equal("the-id", completion.Id);
        Assert.Equal(OutputForm.Parsed, completion.Output);
        Assert.Equal(new SamplingOptions { Temperature = 0.5, TopP = 0.9, TopK = 40, MinP = 0.05, Seed = -7 }, completion.Sampling);
        Assert.Equal(9, completion.Stop.MaxTokens);
        Assert.Equal(["a", "b"], completion.Stop.Strings);
        Assert.Equal([3, 4], completion.Stop.TokenIds);
        Assert.True(completion.Stop.IgnoreEndTokens);
        Prompt.Chat chat = Assert.IsType<Prompt.Chat>(completion.Prompt);
        Assert.Equal("""{"type":"function","function":{"name":"f","parameters":{"type":"object"}},"x":1}""", Assert.Single(chat.Tools).GetRawText());
        Assert.Equal(JsonValueKind.False, chat.TemplateArguments["enable_thinking"].ValueKind);
        Assert.Equal(JsonValueKind.Null, chat.TemplateArguments["none"].ValueKind);
        Assert.Empty(request.Ignored);
    }

    [Fact]
    public void Request_WithTheLeast_LeavesEverythingToTheModel()
    {
        ChatRequest request = Validate($"{{{Hello}}}").Request!;

        Assert.Null(request.Model);
        Assert.False(request.Streams);
        Assert.False(request.IncludesUsage);
        Assert.Equal(new SamplingOptions(), request.Completion.Sampling);
        Assert.Null(request.Completion.Stop.MaxTokens);
        Assert.Empty(request.Completion.Stop.Strings);
        Assert.Null(request.Completion.DataClass);
    }

    [Theory]
    [InlineData(""" "max_tokens":5 """, 5)]
    [InlineData(""" "max_completion_tokens":9 """, 9)]
    [InlineData(""" "max_tokens":5,"max_completion_tokens":9 """, 9)]
    [InlineData(""" "max_tokens":9,"max_completion_tokens":5 """, 5)]
    public void MaxTokens_UnderBothNames_TheNewerWins(string fields, int expected) =>
        Assert.Equal(expected, Validate($"{{{Hello},{fields}}}").Request!.Completion.Stop.MaxTokens);

    [Fact]
    public void ToolChoice_None_ToolsAreCheckedAndNotHandedOn()
    {
        const string Tool = """ "tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"none" """;

        Assert.Empty(((Prompt.Chat)Validate($"{{{Hello},{Tool}}}").Request!.Completion.Prompt).Tools);
        Assert.Equal("tools[0].function.name", Validate($"{{{Hello},{Tool.Replace("\"f\"", "\"\"")}}}").Error!.Parameter);
    }

    [Fact]
    public void TopK_MinusOne_IsOffAsZeroIs() => Assert.Equal(0, Validate($"{{{Hello},\"top_k\":-1}}").Request!.Completion.Sampling.TopK);

    [Theory]
    [InlineData("any", DataClass.Any)]
    [InlineData("local-only", DataClass.LocalOnly)]
    [InlineData("pii", DataClass.LocalOnly)]
    [InlineData("PII", DataClass.LocalOnly)]
    public void DataClass_Known_IsTaken(string header, DataClass expected) =>
        Assert.Equal(expected, Validate($"{{{Hello}}}", new() { ["X-Data-Class"] = header }).Request!.Completion.DataClass);

    [Theory]
    [InlineData("secret")]
    [InlineData("")]
    [InlineData("any,pii")]
    public void DataClass_Unknown_IsAFault(string header) =>
        Assert.Equal("X-Data-Class", Validate($"{{{Hello}}}", new() { ["X-Data-Class"] = header }).Error!.Parameter);

    [Fact]
    public void Limits_OfTheOptions_AreKept()
    {
        ApiOptions limits = new() { MaxMessages = 1, MaxTools = 1, MaxStopStrings = 1, MaxStopStringLength = 2, MaxStopTokenIds = 1 };
        const string Tool = """{"type":"function","function":{"name":"f"}}""";

        Assert.NotNull(Validate($$"""{{{Hello}},"stop":["ab"],"stop_token_ids":[1],"tools":[{{Tool}}]}""", limits: limits).Request);
        Assert.Equal("messages", Validate("""{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}""", limits: limits).Error!.Parameter);
        Assert.Equal("tools", Validate($$"""{{{Hello}},"tools":[{{Tool}},{{Tool}}]}""", limits: limits).Error!.Parameter);
        Assert.Equal("stop", Validate($$"""{{{Hello}},"stop":["a","b"]}""", limits: limits).Error!.Parameter);
        Assert.Equal("stop", Validate($$"""{{{Hello}},"stop":"abc"}""", limits: limits).Error!.Parameter);
        Assert.Equal("stop_token_ids", Validate($$"""{{{Hello}},"stop_token_ids":[1,2]}""", limits: limits).Error!.Parameter);
    }

    [Fact]
    public void Fields_WithoutEffect_AreReported()
    {
        ChatRequest request = Validate(
            """{"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{}}],"weight":1}],"user":"u","metadata":{},"store":false,"service_tier":"auto","mirostat":2,"typical_p":null}""",
            new() { ["x-slo-ttft-ms"] = "200" }).Request!;

        Assert.Equal(["messages.content.cache_control", "messages.weight", "metadata", "mirostat", "service_tier", "store", "user", "x-slo-ttft-ms"], request.Ignored.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Fields_WithoutEffect_BeyondTheLimit_AreAFault()
    {
        Assert.NotNull(Validate($"{{{Hello},\"a\":1}}", limits: new ApiOptions { MaxIgnoredFields = 1 }).Request);
        Assert.Contains("2 fields that have no effect", Validate($"{{{Hello},\"a\":1,\"b\":1}}", limits: new ApiOptions { MaxIgnoredFields = 1 }).Error!.Message);
        Assert.Contains("a field name of 65 characters", Validate($"{{{Hello},\"{new string('x', 65)}\":1}}").Error!.Message);
    }

    private static (ChatRequest? Request, ApiError? Error) Validate(
        string body, HeaderDictionary? headers = null, ApiOptions? limits = null)
    {
        new RequestValidator(limits ?? new ApiOptions()).TryValidate(JsonElement.Parse(body), headers ?? [], "the-id", out ChatRequest? request, out ApiError? error);
        Assert.True(request is null != error is null);
        return (request, error);
    }
}
