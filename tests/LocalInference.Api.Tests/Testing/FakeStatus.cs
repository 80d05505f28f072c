using LocalInference.Core.Completions;

namespace LocalInference.Api.Tests.Testing;

/// <summary>An engine whose state the test sets.</summary>
internal sealed class FakeStatus : IServerStatus
{
    public static ServedModel Tiny { get; } = new()
    {
        Id = "tiny",
        ContextTokens = 2048,
        VocabularySize = 512,
        EndTokenIds = [1],
        DefaultSampling = new SamplingParameters(Temperature: 0.6, TopP: 0.95, TopK: 0, MinP: 0, Seed: 0),
        Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
    };

    public ServerPhase Phase { get; set; } = ServerPhase.Ready;

    public string Reason { get; set; } = "Serving.";

    public bool IsAlive { get; set; } = true;

    public ServedModel? Model { get; set; } = Tiny;

    public IReadOnlyDictionary<string, object> Facts { get; set; } = new Dictionary<string, object>
    {
        ["device"] = "cpu",
        ["batch_invariant"] = true,
        ["kv_blocks"] = 128,
    };
}
