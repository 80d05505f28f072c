using LocalInference.Core.Completions;

namespace LocalInference.Core.Tests.Completions;

public sealed class AdmissionLeaseTests
{
    [Fact]
    public async Task Dispose_FromManyThreadsAtOnce_GivesThePlaceBackOnce()
    {
        for (int round = 0; round < 100; round++)
        {
            int given = 0;
            CompletionRequest request = new() { Id = "r", Prompt = new Prompt.Tokens(new[] { 1 }) };
            AdmissionLease lease = new(request, new EncodedPrompt(new[] { 1 }, OpensReasoning: false), SamplingParameters.Greedy, 1, () => Interlocked.Increment(ref given));
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(lease.Dispose, TestContext.Current.CancellationToken)));
            Assert.Equal(1, given);
        }
    }
}
