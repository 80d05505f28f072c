namespace LocalInference.Bench.Step;

/// <summary>One way to run a model's steps.</summary>
internal interface IStepEngine : IDisposable
{
    /// <summary>What results call it: a value of <c>--kernels</c>, or our own without some fusion.</summary>
    string Name { get; }

    /// <summary>Bytes that the cache holds for a token.</summary>
    long CacheBytesPerToken { get; }

    /// <summary>The tokens that the last run chose, one for each sequence.</summary>
    IReadOnlyList<int> Tokens { get; }

    /// <summary>Makes a case's step ready to be run any number of times: the cache holds its past, and running does not change that.</summary>
    void Prepare(StepCase step);

    /// <summary>Runs the step once and chooses the tokens of its wanted rows.</summary>
    void Run();
}
