using System.Diagnostics;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

/// <summary>
/// tiny-r1's questions, through the engine, 32 at once: at least 280 of 300 right (the int4 export has 288 on the CPU), or as large a share
/// of a part of them, of the short answers: a step takes as long for one sequence as for many, so the longest answer decides how long the
/// test takes.
/// </summary>
public class AnswerTests(ITestOutputHelper output)
{
    private const int AtOnce = 32;

    /// <summary>Characters of the answers of the part.</summary>
    private const int ShortAnswer = 24;

    [Fact]
    public Task CpuFolder_Retyped_AtLeast280Of300Right() => AskAsync(Repository.TinyR1);

    [Theory]
    [InlineData("onnx-int4-cuda")]
    [InlineData("onnx-int4-webgpu-paged")]
    public Task GpuFolder_AtLeast280Of300Right(string folder) => AskAsync(ReferenceData.PathOf("tiny-r1", folder));

    private async Task AskAsync(string folder)
    {
        AskedQuestion[] questions = Extent.IsWhole
            ? [.. AskedQuestion.All]
            : [.. AskedQuestion.All.Where(q => q.Answer.Length <= ShortAnswer && !q.Thinks).Where((_, i) => i % 3 == 0)];
        await using var engine = new DeviceEngine(folder, AtOnce);
        var clock = Stopwatch.StartNew();
        int right = 0;
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForAsync(0, questions.Length, atOnce, async (i, cancelled) =>
        {
            string? answer = await engine.AskAsync(questions[i], i, cancelled);
            if (answer is not null && questions[i].IsAnsweredBy(answer))
                Interlocked.Increment(ref right);
        });
        output.WriteLine($"{Path.GetFileName(folder)}: {right} of {questions.Length} right in {clock.Elapsed.TotalSeconds:0} s");
        Assert.True(right * 300 >= 280 * questions.Length, $"{right} of {questions.Length} right");
    }
}
