using System.Buffers;
using System.Text;
using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Core.Tests.Completions;

public sealed class WireJsonTests
{
    [Fact]
    public void WriteToolCalls_Two_AreOpenAIsArrayInOrder() => Assert.Equal(
        """{"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": \"天\"}"}},{"id":"call_2","type":"function","function":{"name":"g","arguments":"{"}}]}""",
        Write(new ToolCall("call_1", "f", """{"a": "天"}"""), new ToolCall("call_2", "g", "{")));

    [Fact]
    public void WriteToolCalls_None_LeavesTheFieldOut() => Assert.Equal("{}", Write());

    private static string Write(params ToolCall[] calls)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter json = new(output, WireJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteToolCalls(calls);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
