using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Routing.Tests.Testing;

/// <summary>A local engine with so many places: admits until they are taken, then refuses. Answers wait for <see cref="Finish"/>.</summary>
internal sealed class ScriptedEngine(int places, InferenceFailure refusal) : IAdmission, ICompletionBackend<AdmissionLease>
{
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _free = places;

    public int FreePlaces => Volatile.Read(ref _free);

    public void Finish() => _finish.TrySetResult();

    public bool TryAdmit(
        CompletionRequest request, [NotNullWhen(true)] out AdmissionLease? lease, [NotNullWhen(false)] out InferenceFailure? refused)
    {
        bool admitted = Interlocked.Decrement(ref _free) >= 0;
        if (!admitted) Interlocked.Increment(ref _free);
        lease = admitted ? new AdmissionLease(request, new EncodedPrompt(new[] { 1 }, false), SamplingParameters.Greedy, 1, () => Interlocked.Increment(ref _free)) : null;
        refused = admitted ? null : refusal;
        return admitted;
    }

    public async IAsyncEnumerable<CompletionChunk> CompleteAsync(
        AdmissionLease admitted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using (admitted)
        {
            await _finish.Task.WaitAsync(cancellationToken);
            yield return new CompletionChunk.Started("local-model");
            yield return new CompletionChunk.Finished(FinishReason.Stop, new Usage(1, 1));
        }
    }
}
