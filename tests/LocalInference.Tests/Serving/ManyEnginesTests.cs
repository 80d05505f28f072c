using LocalInference.Core.Completions;
using LocalInference.Engine.Scheduling;

namespace LocalInference.Tests.Serving;

public sealed class ManyEnginesTests
{
    /// <summary>Sessions made at once used to fail now and then: ONNX Runtime registers a custom op's domain in two steps.</summary>
    [Fact]
    public async Task Engines_MadeAtOnce_AllAnswerTheSame()
    {
        CompletionRequest request = new()
        {
            Id = "r",
            Prompt = new Prompt.Tokens(new[] { 2035, 2033, 1189 }),
            Sampling = new SamplingOptions { Temperature = 0 },
            Stop = new StopConditions { MaxTokens = 12, IgnoreEndTokens = true },
            Output = OutputForm.Tokens,
        };
        int[]?[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            await using TinyEngine engine = new(new EngineOptions { MaxSequences = 2 });
            return await engine.AnswerAsync(request);
        })));
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }
}
