using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Tests.Testing;

/// <summary>A router whose answers are written down by the test; remembers what it was asked.</summary>
internal sealed class ScriptedRouter(Func<CompletionRequest, RoutedCompletion> script) : ICompletionRouter
{
    public ConcurrentQueue<CompletionRequest> Requests { get; } = new();

    public CompletionRequest Single => Assert.Single(Requests);

    public Prompt.Chat Chat => Assert.IsType<Prompt.Chat>(Single.Prompt);

    public RoutedCompletion Route(CompletionRequest request)
    {
        Requests.Enqueue(request);
        return script(request);
    }

    /// <summary>Answers every request locally with these chunks, all there at once.</summary>
    public static ScriptedRouter Answering(params CompletionChunk[] chunks) =>
        new(_ => new RoutedCompletion(ServedBy.Local, token => Play(chunks, token)));

    public static ScriptedRouter Refusing(InferenceError error, TimeSpan? retryAfter = null) =>
        new(_ => new RoutedCompletion(new InferenceFailure(error, "Refused by the script.", RetryAfter: retryAfter)));

    public static async IAsyncEnumerable<CompletionChunk> Play(
        IEnumerable<CompletionChunk> chunks, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (CompletionChunk chunk in chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return chunk;
        }
        await Task.CompletedTask;
    }
}
