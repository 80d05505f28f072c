using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Conversion;

public sealed class GoldenLogitsTests : IDisposable
{
    private const float Tolerance = 1e-3f;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("qwen2", "golden", true)]
    [InlineData("qwen2-untied", "golden", true)]
    [InlineData("llama", "golden", true)]
    [InlineData("llama-mha", "golden", true)]
    [InlineData("qwen3", "golden", false)]
    [InlineData("qwen3", "golden-attention-factor-1", true)]
    public void Convert_ToFp32_GivesTheGoldenLogits(string checkpoint, string golden, bool multiplies)
    {
        string source = ReferenceData.PathOf("checkpoints", checkpoint), made = _folder.In("made");
        Conversions.Convert(source, made, Conversions.Options(Conversions.Precision(32), multipliesAuthorsFactor: multiplies));
        var tensors = Tensors.ReadSafetensors(Path.Combine(source, $"{golden}.safetensors"));
        int[][] prompts = Prompts(Path.Combine(source, $"{golden}.json"));
        using ModelSource opened = ModelSource.Open(source);
        using var checkpointLogits = new CheckpointLogits(opened, multiplies, prompts, TestContext.Current.CancellationToken);
        for (int i = 0; i < prompts.Length; i++)
        {
            if (!tensors.TryGetValue($"logits.{i}", out (string Type, int[] Shape, byte[] Bytes) expected))
                continue;
            AssertNear(Tensors.Floats(expected.Bytes), Conversions.Logits(made, prompts[i]));
            // The reference that reports are made against must agree, too.
            AssertNear(Tensors.Floats(expected.Bytes), checkpointLogits.Logits(i));
        }
        Assert.Contains("logits.2", tensors.Keys);
    }

    public void Dispose() => _folder.Dispose();

    private static int[][] Prompts(string path) =>
        [.. JsonFile.Read(path).Json["prompts"]!.AsArray().Select(p =>
            p!["prompt"]!.AsArray().Select(id => id!.GetValue<int>()).ToArray())];

    private static void AssertNear(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.True(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() < Tolerance);
    }
}
