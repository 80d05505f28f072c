using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Completions;
using LocalInference.Text;

namespace LocalInference.Hosting;

/// <summary>
/// What must hold before a server says that it is ready: the template renders, its prompt encodes, the engine answers through the whole
/// path, and on a runner that claims batch invariance the same question asked three times at once gets the answer it gets alone.
/// </summary>
internal sealed class SelfTest(InferenceEngine engine, IModelText text, bool isBatchInvariant)
{
    private const int Tokens = 8;
    private const int AtOnce = 3;

    private static readonly Prompt.Chat Question = new() { Messages = [new ChatMessage { Role = "user", Content = "Hello" }] };

    /// <exception cref="ModelLoadException">Says which of these did not hold.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!text.TryEncode(Question, out EncodedPrompt? prompt, out InferenceFailure? refusal))
            throw new ModelLoadException($"Self-test: the chat template refuses a plain user message: {refusal.Message}");

        int[] alone = await AnswerAsync(prompt, 0, cancellationToken);
        // As many at once as there are running places; fewer prove nothing about batching.
        int[][] together = await Task.WhenAll(Enumerable.Range(1, AtOnce).Select(i => AnswerAsync(prompt, i, cancellationToken)));
        if (isBatchInvariant && together.Any(answer => !answer.SequenceEqual(alone)))
            throw new ModelLoadException(
                "Self-test: the same question got different answers alone and batched, on kernels that should be batch-invariant. "
                + "Please report this with the processor's name.");
    }

    private async Task<int[]> AnswerAsync(EncodedPrompt prompt, int number, CancellationToken cancellationToken)
    {
        int tokens = Math.Min(Tokens, engine.Model.ContextTokens - prompt.Ids.Length);
        CompletionRequest request = new()
        {
            Id = $"self-test-{number}",
            Prompt = new Prompt.Tokens(prompt.Ids),
            Sampling = new SamplingOptions { Temperature = 0 },
            Stop = new StopConditions { MaxTokens = tokens, IgnoreEndTokens = true },
            Output = OutputForm.Tokens,
        };
        // A server with a single place tests one after the other.
        (AdmissionLease? lease, InferenceFailure? refusal) = await engine.AdmitWhenFreeAsync(request, cancellationToken);
        if (lease is null) throw new ModelLoadException($"Self-test: the engine refuses a plain request: {refusal!.Message}");
        List<int> ids = [];
        await foreach (CompletionChunk chunk in engine.CompleteAsync(lease, cancellationToken))
        {
            if (chunk is CompletionChunk.Failed failed)
                throw new ModelLoadException($"Self-test: the engine cannot answer: {failed.Failure.Message}");
            if (chunk is CompletionChunk.Tokens said) ids.AddRange(said.Ids.Span);
        }
        return [.. ids];
    }
}
