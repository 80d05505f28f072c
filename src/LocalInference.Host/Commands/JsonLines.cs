using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using LocalInference.Core.Completions;

namespace LocalInference.Host.Commands;

/// <summary>Turns one line's object into its answer; an expected failure is <see cref="JsonLines.Error"/>.</summary>
internal delegate Task<JsonObject> LineAnswer(JsonElement line, CancellationToken cancellationToken);

/// <summary>
/// The form of every command that works on JSON lines: one line in, one line out, in order; a line that fails gives
/// <c>{"error": {"message"}}</c> in its place and the others go on. Nothing else is written to the output.
/// </summary>
internal static class JsonLines
{
    /// <summary>Answers all lines of an input.</summary>
    /// <param name="input">UTF-8 lines, read to the end.</param>
    /// <param name="output">UTF-8 lines.</param>
    /// <param name="concurrency">Lines worked on at once; lines beyond them wait.</param>
    /// <param name="answer">Answers one line.</param>
    /// <param name="cancellationToken">Ends reading and answering.</param>
    public static async Task RunAsync(
        Stream input, Stream output, int concurrency, LineAnswer answer, CancellationToken cancellationToken)
    {
        // The queue of answers in order is also what bounds how far reading runs ahead of writing.
        Channel<Task<JsonObject>> answers = Channel.CreateBounded<Task<JsonObject>>(concurrency);
        Task reading = ReadAsync(input, answers.Writer, concurrency, answer, cancellationToken);
        await foreach (Task<JsonObject> line in answers.Reader.ReadAllAsync(cancellationToken))
            await WriteAsync(output, await line, cancellationToken);
        await reading;
    }

    /// <summary>Answers all lines of standard input on standard output with something that only computes, on every processor.</summary>
    public static async Task RunAsync(Func<JsonElement, JsonObject> answer, CancellationToken cancellationToken)
    {
        await using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
        int concurrency = 2 * Environment.ProcessorCount;
        await RunAsync(input, output, concurrency, (line, cancelled) => Task.Run(() => answer(line), cancelled), cancellationToken);
    }

    /// <summary>The line of a line that failed.</summary>
    public static JsonObject Error(string message) => new() { ["error"] = new JsonObject { ["message"] = message } };

    private static async Task ReadAsync(
        Stream input, ChannelWriter<Task<JsonObject>> answers, int concurrency, LineAnswer answer, CancellationToken cancellationToken)
    {
        using SemaphoreSlim places = new(concurrency);
        try
        {
            using StreamReader reader = new(input);
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                await places.WaitAsync(cancellationToken);
                await answers.WriteAsync(AnswerAsync(line, places, answer, cancellationToken), cancellationToken);
            }
            for (int i = 0; i < concurrency; i++) await places.WaitAsync(cancellationToken);
        }
        finally
        {
            answers.Complete();
        }
    }

    private static async Task<JsonObject> AnswerAsync(
        string line, SemaphoreSlim places, LineAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            JsonElement row = JsonSerializer.Deserialize<JsonElement>(line);
            return row.ValueKind == JsonValueKind.Object
                ? await answer(row, cancellationToken)
                : Error($"A line must be a JSON object; found {row.ValueKind}.");
        }
        catch (JsonException broken)
        {
            return Error($"A line must be a JSON object: {broken.Message}");
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            // The last line of defence, as at an HTTP endpoint: one line's bug must not take the other lines' answers.
            return Error($"This line failed: {bug.Message}");
        }
        finally
        {
            places.Release();
        }
    }

    private static async Task WriteAsync(Stream output, JsonObject line, CancellationToken cancellationToken)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, WireJson.WriterOptions)) line.WriteTo(writer);
        buffer.WriteByte((byte)'\n');
        buffer.Position = 0;
        await buffer.CopyToAsync(output, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }
}
