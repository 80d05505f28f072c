using System.Text.Json;
using LocalInference.Text.Chat;

namespace LocalInference.Text.Tests.Chat.Jinja.Runtime;

public sealed class JsonReaderTests
{
    // JSON can spell half a character; a client can send it anywhere.
    [Theory]
    [InlineData("""{"x": "a\ud83d"}""", "{{ x }}", "a\uFFFD")]
    [InlineData("""{"x": {"a\udc00b": "\u00e9\n"}}""", "{{ x | tojson }}", "{\"a\uFFFDb\": \"é\\n\"}")]
    [InlineData("""{"x": {"\ud83d\ude42": 1}}""", "{{ x | tojson }}", "{\"🙂\": 1}")]
    public void Read_HalfACharacter_BecomesTheReplacementCharacter(string context, string template, string expected) =>
        Assert.Equal(expected, ChatTemplate.Compile(template).Render(JsonElement.Parse(context)).ToString());

    [Theory]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e3", "1000.0")]
    [InlineData("-0", "0")]
    [InlineData("[true, null]", "[True, None]")]
    public void Read_NumbersAndWords_AreThoseOfPython(string json, string expected) =>
        Assert.Equal(expected, ChatTemplate.Compile("{{ x }}").Render(JsonElement.Parse($$"""{"x": {{json}}}""")).ToString());
}
