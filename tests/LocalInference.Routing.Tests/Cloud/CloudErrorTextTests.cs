using System.Text;
using System.Text.Json;
using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Routing.Cloud;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Cloud;

public sealed class CloudErrorTextTests
{
    [Theory]
    [InlineData("""{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"x"}}""", "unknown_error: Insufficient Balance")]
    [InlineData("""{"error":{"message":"Two\nlines"}}""", "Two lines")]
    [InlineData("<html>Bad gateway</html>", "<html>Bad gateway</html>")]
    [InlineData("""{"error":"plain"}""", """{"error":"plain"}""")]
    [InlineData("""{"error":{}}""", "(no message)")]
    [InlineData("{}", "(no message)")]
    [InlineData("null", "(no message)")]
    public void OfBody_HarmlessWords_AreKept(string body, string expected) => Assert.Equal(expected, Text(body, Requests.Chat()));

    [Fact]
    public void OfBody_AnEmptyBody_SaysSo() => Assert.Equal("(no message)", Text("", Requests.Chat()));

    [Fact]
    public void OfBody_TheKey_IsBlackedOut() => Assert.Equal("key *** is wrong", Text("""{"error":{"message":"key sk-secret is wrong"}}""", Requests.Chat()));

    [Theory]
    [InlineData("user", "bad message: swordfish-4711 and")]
    [InlineData("short", "what does Ada! mean")]
    [InlineData("reasoning", "think SECRETLY ABOUT THINGS twice")]
    [InlineData("arguments", "cannot read {\"city\": \"Bonn\"}")]
    [InlineData("tool", "no such 'launch_the_rocket'")]
    public void OfBody_AQuotationOfTheRequest_IsWithheld(string kind, string message)
    {
        CompletionRequest request = Requests.Chat() with
        {
            Prompt = new Prompt.Chat
            {
                Messages = kind switch
                {
                    "short" => [new ChatMessage { Role = "user", Content = " Ada! " }],
                    "reasoning" => [new ChatMessage { Role = "assistant", Content = "", Reasoning = "I secretly about things ponder" }],
                    "arguments" => [new ChatMessage { Role = "assistant", ToolCalls = [new ToolCall("c", "f", "{\"city\": \"Bonn\"}")] }],
                    _ => [new ChatMessage { Role = "user", Content = Requests.Secret }],
                },
                Tools = kind == "tool" ? [Requests.Json("""{"type":"function","function":{"name":"launch_the_rocket"}}""")] : [],
            },
        };
        string body = JsonSerializer.Serialize(new { error = new { message } });
        Assert.Equal("(withheld: it repeats text of the request)", Text(body, request));
    }

    [Fact]
    public void OfBody_APageWithoutEnd_IsCut() => Assert.Equal(301, Text(new string('x', 5000), Requests.Chat()).Length);

    [Fact]
    public void OfBody_AnyPieceOfThePrompt_IsNeverShown() =>
        Gen.Select(Gen.Int[0, Requests.Secret.Length - 12], Gen.Int[12, 40]).Sample((from, length) =>
        {
            string quoted = Requests.Secret.Substring(from, Math.Min(length, Requests.Secret.Length - from));
            Assert.StartsWith("(withheld", Text($"cannot parse <{quoted}>", Requests.Chat()), StringComparison.Ordinal);
        });

    private static string Text(string body, CompletionRequest request) =>
        CloudErrorText.OfBody(Encoding.UTF8.GetBytes(body), (Prompt.Chat)request.Prompt, "sk-secret");
}
