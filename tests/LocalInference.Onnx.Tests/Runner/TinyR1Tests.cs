using LocalInference.Core.Execution;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Runner;

public class TinyR1Tests(ITestOutputHelper output)
{
    [Fact]
    public void Greedy_AllQuestions16AtOnce_EqualsOnnxRuntimeGenAi()
    {
        using IModelRunner runner = OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions(), NullLogger.Instance).CreateRunner(new RunnerOptions());
        List<int>[] answers = new GreedyLoop(runner).Run([.. Questions.All.Select(q => q.Prompt)], parallel: 16, maxTokens: 600, Questions.EndToken);
        int equal = Questions.All.Zip(answers).Count(p => p.First.Answer.SequenceEqual(p.Second));
        output.WriteLine($"{equal} of {answers.Length} answers equal onnxruntime-genai's token for token; batch invariant: {runner.Capabilities.IsBatchInvariant}");
        Assert.True(equal >= 290, $"{equal} of {answers.Length}");
    }
}
