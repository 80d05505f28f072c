using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using LocalInference.Api.Streaming;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using LocalInference.Testing;

namespace LocalInference.Api.Tests.Streaming;

public sealed class SseWriterTests
{
    private static readonly AnswerHead Head = new("chatcmpl-1", DateTimeOffset.UnixEpoch, "tiny", "fp_1");

    [Fact]
    public async Task Frame_WithNewlinesInItsText_StaysOneFrame()
    {
        MemoryStream sent = new();
        using SseWriter writer = new(PipeWriter.Create(sent));

        new ChunkJson(Head, includesUsage: false).Write(writer.BeginFrame(), new CompletionChunk.Content("a\n\nb\r\"data: \u0001"));
        writer.EndFrame();
        await writer.FlushAsync(TestContext.Current.CancellationToken);

        string text = Encoding.UTF8.GetString(sent.ToArray());
        Assert.StartsWith("data: {", text);
        Assert.Equal(text.Length - 2, text.IndexOf('\n'));
        Assert.Equal("a\n\nb\r\"data: \u0001", JsonElement.Parse(text[6..]).GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Frames_UntilTheFlush_AreNotSent()
    {
        MemoryStream sent = new();
        using SseWriter writer = new(PipeWriter.Create(sent));
        ChunkJson json = new(Head, includesUsage: false);

        json.Write(writer.BeginFrame(), new CompletionChunk.Content("x"));
        writer.EndFrame();
        Assert.Equal(0, sent.Length);
        Assert.False(writer.IsFull);
        json.Write(writer.BeginFrame(), new CompletionChunk.Content(new string('x', 20_000)));
        writer.EndFrame();
        Assert.True(writer.IsFull);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        Assert.True(sent.Length > 20_000);
        Assert.False(writer.IsFull);
    }

    [Fact]
    public void Chunk_Written_AllocatesNothing()
    {
        ArrayBufferWriter<byte> buffer = new(64 * 1024);
        using Utf8JsonWriter json = new(buffer, WireJson.WriterOptions);
        ChunkJson chunks = new(Head, includesUsage: true);
        CompletionChunk[] kinds =
        [
            new CompletionChunk.Reasoning("why 世界"), new CompletionChunk.Content("text"),
            new CompletionChunk.ToolCallStarted(0, "call_1", "f"), new CompletionChunk.ToolCallArguments(0, "{}"),
        ];

        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            foreach (CompletionChunk chunk in kinds)
            {
                buffer.ResetWrittenCount();
                json.Reset();
                chunks.Write(json, chunk);
                json.Flush();
            }
        }));
    }
}
