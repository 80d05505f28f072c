using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Quantization;

public sealed class RoundToNearestTests
{
    public static TheoryData<int, int, bool> Formats
    {
        get
        {
            var formats = new TheoryData<int, int, bool>();
            foreach (int bits in (int[])[4, 8])
                foreach (int block in (int[])[16, 32, 64, 128])
                    foreach (bool isSymmetric in (bool[])[true, false])
                        formats.Add(bits, block, isSymmetric);
            return formats;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Quantize_OfficialVectors_IsEqualToTheBit(int bits, int block, bool isSymmetric)
    {
        var vectors = Tensors.ReadSafetensors(ReferenceData.PathOf("quantization", "vectors.safetensors"));
        var format = new BlockFormat(bits, block, isSymmetric);
        foreach (string name in (string[])["square", "ragged", "shifted", "real"])
        {
            (_, int[] shape, byte[] weights) = vectors[$"{name}.weight"];
            string key = $"{name}.b{bits}.g{block}.{(isSymmetric ? "sym" : "asym")}";
            (byte[] codes, float[] scales, byte[] zeros) = QuantizeAll(Tensors.Floats(weights), shape[1], format);
            Assert.Equal(vectors[$"{key}.B"].Bytes, codes);
            Assert.Equal(Tensors.Floats(vectors[$"{key}.scales"].Bytes), scales);
            if (!isSymmetric)
                Assert.Equal(vectors[$"{key}.zero_points"].Bytes, zeros);
        }
    }

    [Theory]
    [InlineData(true, 8)]
    [InlineData(false, 0)]
    public void Quantize_ZeroBlock_HasScaleZero(bool isSymmetric, int code)
    {
        var row = new QuantizedRow(new BlockFormat(4, 16, isSymmetric), 16);
        new RoundToNearest().Quantize(new float[16], row);
        Assert.Equal(0, row.Scales[0]);
        Assert.All(row.Codes, c => Assert.Equal(code, c));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Quantize_AnyRow_IsWithinAStep(int bits)
    {
        var chance = new Random(bits);
        var format = new BlockFormat(bits, 16, IsSymmetric: false);
        for (int round = 0; round < 500; round++)
        {
            float[] values = [.. Enumerable.Range(0, chance.Next(5, 80)).Select(_ => ((float)chance.NextDouble() * 6) - 3)];
            float[] back = new float[values.Length];
            var row = new QuantizedRow(format, values.Length);
            new RoundToNearest().Quantize(values, row);
            row.Dequantize(back);
            for (int i = 0; i < values.Length; i++)
                Assert.True(Math.Abs(back[i] - values[i]) <= (row.Scales[i / 16] * 1.001f) + 1e-6f,
                    $"round {round}, element {i}: {values[i]} became {back[i]}");
        }
    }

    private static (byte[] Codes, float[] Scales, byte[] ZeroPoints) QuantizeAll(float[] weights, int columns, BlockFormat format)
    {
        var row = new QuantizedRow(format, columns);
        byte[] packed = new byte[row.BlockCount * format.BlockBytes], zeros = new byte[format.ZeroPointBytes(columns)];
        var (allCodes, allScales, allZeros) = (new List<byte>(), new List<float>(), new List<byte>());
        for (int from = 0; from < weights.Length; from += columns)
        {
            new RoundToNearest().Quantize(weights.AsSpan(from, columns), row);
            row.PackCodes(packed);
            row.PackZeroPoints(zeros);
            allCodes.AddRange(packed);
            allScales.AddRange(row.Scales);
            allZeros.AddRange(zeros);
        }
        return ([.. allCodes], [.. allScales], [.. allZeros]);
    }
}
