using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Onnx.Weights;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Kernels.Matrix;

/// <summary>Products of the reference's quantised matrices, whose results ONNX Runtime's operator made at accuracy level 4.</summary>
public class ActivationQuantizerTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("square", 128)]
    [InlineData("ragged", 200)]
    [InlineData("shifted", 144)]
    [InlineData("real", 256)]
    public void Products_AllFormats_EqualOnnxRuntimesLevelFour(string name, int columns)
    {
        var vectors = new Safetensors(ReferenceData.PathOf("quantization", "vectors.safetensors"));
        double worst = 0;
        foreach (int bits in new[] { 4, 8 })
            foreach (int block in new[] { 16, 32, 64, 128 })
                foreach (string kind in new[] { "sym", "asym" })
                {
                    string key = $"{name}.b{bits}.g{block}.{kind}";
                    int rows = vectors.Shape($"{key}.scales")[0];
                    var source = new MatrixSource(
                        Of(vectors.Bytes($"{key}.B")), Of(vectors.Bytes($"{key}.scales")), false, kind == "asym" ? Of(vectors.Bytes($"{key}.zero_points")) : null, null, rows, columns, bits, block);
                    using var store = new WeightStore([new WeightPlan(source)], mayRoundScales: false, threads: 1);
                    float[] expected = vectors.Floats($"{key}.y_level4"), input = vectors.Floats($"{name}.a");
                    float[] result = PackedProduct.Run(store, input, input.Length / columns, KernelPath.Portable);
                    double size = expected.Max(Math.Abs), difference = expected.Zip(result).Max(p => Math.Abs(p.First - p.Second)) / size;
                    worst = Math.Max(worst, difference);
                    // A tie or a last bit that rounds the other way is one step of one activation; anything systematic is far larger.
                    Assert.True(difference < 2e-3, $"{key}: {difference}");
                }
        output.WriteLine($"{name}: largest difference {worst:g3} of the largest result");
    }

    private static TensorSource Of(byte[] bytes) => new(null, 0, bytes.Length, bytes);
}
