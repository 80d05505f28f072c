using System.Diagnostics.CodeAnalysis;
using LocalInference.Core.Errors;

namespace LocalInference.Core.Completions;

/// <summary>
/// The door of the local engine. Renders, encodes and measures a request on the caller's thread, then takes its place, all or nothing:
/// a burst of requests cannot all see the same free place.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
public interface IAdmission
{
    /// <summary>Admits a request, or says why not. Never waits.</summary>
    /// <param name="request">A checked request.</param>
    /// <param name="lease">The place; hand it to the backend, or dispose it.</param>
    /// <param name="refusal">
    /// <see cref="InferenceError.QueueFull"/> (with <see cref="InferenceFailure.RetryAfter"/>), <see cref="InferenceError.NotReady"/>,
    /// <see cref="InferenceError.Draining"/>, <see cref="InferenceError.PromptTooLong"/>, <see cref="InferenceError.PromptRejected"/> or
    /// <see cref="InferenceError.InvalidRequest"/>.
    /// </param>
    bool TryAdmit(
        CompletionRequest request,
        [NotNullWhen(true)] out AdmissionLease? lease,
        [NotNullWhen(false)] out InferenceFailure? refusal);
}

/// <summary>
/// A place in the local engine, held from before the status line to the last token, with everything the engine needs to know decided.
/// No lease, no generation.
/// </summary>
/// <param name="request">The request it was given for.</param>
/// <param name="prompt">Its prompt as tokens.</param>
/// <param name="sampling">Its sampling, every value decided.</param>
/// <param name="maxTokens">How many tokens it may generate; prompt and these fit the context.</param>
/// <param name="release">Gives the place back; called exactly once.</param>
public sealed class AdmissionLease(
    CompletionRequest request, EncodedPrompt prompt, SamplingParameters sampling, int maxTokens, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>The request it was given for.</summary>
    public CompletionRequest Request => request;

    /// <summary>The prompt as tokens.</summary>
    public EncodedPrompt Prompt => prompt;

    /// <summary>Sampling with every value decided.</summary>
    public SamplingParameters Sampling => sampling;

    /// <summary>Tokens it may generate, at least 1.</summary>
    public int MaxTokens => maxTokens;

    /// <summary>Gives the place back. Only the first call does anything; safe from any thread.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}

/// <summary>A prompt as the model reads it.</summary>
/// <param name="Ids">Token ids, at least one.</param>
/// <param name="OpensReasoning">
/// Whether the prompt ends inside a reasoning block (<c>&lt;think&gt;</c> stands in the prompt), so that the answer begins with reasoning.
/// </param>
public sealed record EncodedPrompt(ReadOnlyMemory<int> Ids, bool OpensReasoning);
