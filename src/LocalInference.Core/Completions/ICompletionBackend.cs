namespace LocalInference.Core.Completions;

/// <summary>
/// A side that can answer: request in, chunks out. What it takes is proof that it may: the local side takes the places that admission gave
/// (<see cref="AdmissionLease"/>), the cloud a request that is known to be allowed out. One cannot be called without the other's consent.
/// </summary>
/// <typeparam name="TAdmitted">The proof.</typeparam>
/// <remarks>All members are safe for concurrent use.</remarks>
public interface ICompletionBackend<in TAdmitted>
{
    /// <summary>Answers one request.</summary>
    /// <param name="admitted">Owned by the call from here on: it is given back when the enumeration ends, however it ends.</param>
    /// <param name="cancellationToken">
    /// The client is gone: generation ends within a step and the enumeration throws <see cref="OperationCanceledException"/>.
    /// </param>
    /// <returns>
    /// Chunks in the order that <see cref="CompletionChunk"/> documents. Expected failures are a chunk, never an exception.
    /// </returns>
    IAsyncEnumerable<CompletionChunk> CompleteAsync(TAdmitted admitted, CancellationToken cancellationToken);
}
