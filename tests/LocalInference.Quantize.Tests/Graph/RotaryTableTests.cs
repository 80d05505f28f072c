using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Tests.Checkpoints;

namespace LocalInference.Quantize.Tests.Graph;

public sealed class RotaryTableTests
{
    private const string Yarn =
        """{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "attn_factor": 0.8782488562869419}""";

    [Fact]
    public void Of_Linear_DividesAllFrequencies()
    {
        RotaryTable plain = Table("null"), scaled = Table("""{"type": "linear", "factor": 4.0}""");
        Assert.Equal(plain.Frequencies.Select(f => f / 4), scaled.Frequencies);
        Assert.Equal(1, scaled.Magnitude);
    }

    [Fact]
    public void Of_Llama3_KeepsHighAndDividesLowFrequencies()
    {
        RotaryTable plain = Table("null"),
            scaled =
            Table("""{"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 128}""");
        Assert.Equal(plain.Frequencies[0], scaled.Frequencies[0]);
        Assert.Equal(plain.Frequencies[^1] / 8, scaled.Frequencies[^1]);
        Assert.All(plain.Frequencies.Zip(scaled.Frequencies), p => Assert.InRange(p.Second, p.First / 8, p.First));
    }

    [Theory]
    [InlineData(true, 1.0)]
    [InlineData(false, 1.1386294)]
    public void Of_Yarn_MagnitudeIsTheAuthorsOrTransformers(bool multiplies, float magnitude)
    {
        RotaryTable table = RotaryTable.Of(CheckpointConfigTests.Read(("rope_scaling", Yarn)), multiplies);
        Assert.Equal(magnitude, table.Magnitude, 1e-6f);
        float[] row = new float[8];
        table.Cosines(0, row);
        Assert.All(row, c => Assert.Equal(magnitude, c, 1e-6f));
    }

    [Fact]
    public void Of_YarnWithBothMscales_DividesThem()
    {
        var config = CheckpointConfigTests.Read(("rope_scaling",
            """{"type": "yarn", "factor": 40, "mscale": 1.0, "mscale_all_dim": 0.707}"""));
        double expected = ((0.1 * Math.Log(40)) + 1) / ((0.1 * 0.707 * Math.Log(40)) + 1);
        Assert.Equal(expected, RotaryTable.Of(config, multipliesAuthorsFactor: true).Magnitude, 1e-6);
    }

    private static RotaryTable Table(string scaling)
    {
        CheckpointConfig config = CheckpointConfigTests.Read(("rope_scaling", scaling));
        return RotaryTable.Of(config, multipliesAuthorsFactor: true);
    }
}
