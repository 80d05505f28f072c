using LocalInference.Core.Errors;

namespace LocalInference.Core.Completions;

/// <summary>Decides where a request is answered, before its status line. The API and embedding applications ask nobody else.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public interface ICompletionRouter
{
    /// <summary>Takes a place on one side, or refuses. Does not wait for a token.</summary>
    /// <param name="request">A checked request.</param>
    RoutedCompletion Route(CompletionRequest request);
}

/// <summary>Which side answers.</summary>
public enum ServedBy
{
    /// <summary>This process.</summary>
    Local,

    /// <summary>The configured cloud.</summary>
    Cloud,
}

/// <summary>Where a request went. Disposing gives its place back if <see cref="CompleteAsync"/> was never called.</summary>
public sealed class RoutedCompletion : IDisposable
{
    private readonly Func<CancellationToken, IAsyncEnumerable<CompletionChunk>> _complete;
    private readonly IDisposable? _admitted;

    /// <summary>A request that found a place.</summary>
    /// <param name="servedBy">The side that answers.</param>
    /// <param name="complete">Starts the answer; called at most once, and owns <paramref name="admitted"/> from then on.</param>
    /// <param name="admitted">What the place is held by, or null.</param>
    public RoutedCompletion(
        ServedBy servedBy, Func<CancellationToken, IAsyncEnumerable<CompletionChunk>> complete, IDisposable? admitted = null)
    {
        ServedBy = servedBy;
        _complete = complete;
        _admitted = admitted;
    }

    /// <summary>A request that found none.</summary>
    /// <param name="refusal">Why.</param>
    public RoutedCompletion(InferenceFailure refusal)
        : this(ServedBy.Local, _ => Refused(refusal)) => Refusal = refusal;

    /// <summary>Why the request was refused; null when it was not. Known before any token.</summary>
    public InferenceFailure? Refusal { get; }

    /// <summary>The side that answers.</summary>
    public ServedBy ServedBy { get; }

    /// <summary>Why the cloud was asked (<c>rejected-saturated</c>); null for local answers.</summary>
    public string? SpillReason { get; init; }

    /// <summary>Parameters of the request, by wire name, that the answering side cannot honour.</summary>
    public IReadOnlyList<string> IgnoredParameters { get; init; } = [];

    /// <summary>The answer. A refused one is a single <see cref="CompletionChunk.Failed"/>.</summary>
    /// <param name="cancellationToken">The client is gone.</param>
    public IAsyncEnumerable<CompletionChunk> CompleteAsync(CancellationToken cancellationToken) => _complete(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _admitted?.Dispose();

    private static async IAsyncEnumerable<CompletionChunk> Refused(InferenceFailure refusal)
    {
        await Task.CompletedTask;
        yield return new CompletionChunk.Failed(refusal);
    }
}
