using System.Text;
using System.Text.Json;
using CsCheck;
using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Tests.Wire;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("", "JSON")]
    [InlineData("{", "line 1, byte 2")]
    [InlineData("{\"a\":1,\n \"b\":x}", "line 2, byte 6")]
    [InlineData("{} {}", "line 1, byte 4")]
    [InlineData("{\"a\":1,\"a\":2}", "no name twice")]
    [InlineData("{\"a\":\"\\ud800\"}", "string at byte 5")]
    [InlineData("{\"\\uDC00\":1}", "string at byte 1")]
    [InlineData("[[[[[[[[[1]]]]]]]]]", "8 levels")]
    public void Text_NotTaken_ErrorSaysWhere(string text, string where)
    {
        Assert.False(JsonBody.TryParse(Encoding.UTF8.GetBytes(text), maxDepth: 8, out _, out ApiError? error));
        Assert.Equal((400, ErrorTypes.InvalidRequest), (error.Status, error.Type));
        Assert.Contains(where, error.Message);
    }

    [Fact]
    public void Bytes_NotUtf8_ErrorSaysWhere()
    {
        Assert.False(JsonBody.TryParse(new byte[] { (byte)'"', (byte)'a', 0xC3, (byte)'"' }, maxDepth: 8, out _, out ApiError? error));
        Assert.Contains("byte 2", error.Message);
    }

    [Fact]
    public void Text_WithWholeSurrogatePair_IsTaken()
    {
        Assert.True(JsonBody.TryParse("{\"a\":\"\\ud83d\\ude00\"}"u8.ToArray(), maxDepth: 8, out JsonDocument? document, out _));
        using (document) Assert.Equal("😀", document.RootElement.GetProperty("a").GetString());
    }

    /// <summary>Whatever bytes arrive, there is an answer: a request or an error, never an exception.</summary>
    [Fact]
    public void Bytes_Mutated_NeverThrow()
    {
        byte[] seed = """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"\ud83d\ude00 é"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}],"stop":["a"],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"n":1,"seed":1e3,"stream":true,"stream_options":{"include_usage":true}}"""u8.ToArray();
        RequestValidator validator = new(new ApiOptions());

        Gen.Select(Gen.Int[0, seed.Length - 1], Gen.Byte).Array[1, 4].Sample(
            changes =>
            {
                byte[] body = (byte[])seed.Clone();
                foreach ((int at, byte value) in changes) body[at] = value;
                if (!JsonBody.TryParse(body, maxDepth: 64, out JsonDocument? document, out ApiError? error)) return error.Status == 400;
                using (document)
                    return validator.TryValidate(document.RootElement, new HeaderDictionary(), "id", out _, out error) || error!.Status == 400;
            },
            iter: 20_000);
    }
}
