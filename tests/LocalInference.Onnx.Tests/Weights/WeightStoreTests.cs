using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Tests.Weights;

public unsafe class WeightStoreTests
{
    [Theory]
    [InlineData(4, 32, false)]
    [InlineData(4, 16, true)]
    [InlineData(8, 128, true)]
    [InlineData(8, 32, false)]
    [InlineData(4, 64, false)]
    public void PackedRow_EveryRow_IsTheMatrix(int bits, int blockSize, bool hasZeroPoints)
    {
        var matrix = new RandomMatrix(new Random(4), rows: 45, columns: 300, bits, blockSize, hasZeroPoints);
        using var store = new WeightStore([new WeightPlan(matrix.Source)], mayRoundScales: false, threads: 2);
        var row = new float[300];
        fixed (float* to = row)
            for (int r = 0; r < 45; r++)
            {
                PackedRow.Read(store.Weights, r, to);
                for (int k = 0; k < row.Length; k++)
                    Assert.Equal(matrix.Level(r, k) * matrix.Scale(r, k), row[k]);
            }
    }

    [Fact]
    public void Interleaved_TwoMatrices_SixteenRowsOfEachInTurn()
    {
        var random = new Random(5);
        RandomMatrix gate = new(random, 40, 64, 4, 32, false, hasBias: true), up = new(random, 40, 64, 4, 32, false, hasBias: true);
        using var store = new WeightStore([new WeightPlan(gate.Source, up.Source)], mayRoundScales: false, threads: 1);
        Assert.Equal((80, 3), (store.Weights->Rows, store.Weights->TileCount));
        float* row = stackalloc float[64];
        for (int output = 0; output < 96; output++)
        {
            int index = (output / 32 * 16) + (output % 16);
            RandomMatrix matrix = output % 32 < 16 ? gate : up;
            PackedRow.Read(store.Weights, output, row);
            for (int k = 0; k < 64; k++)
                Assert.Equal(index < 40 ? matrix.Level(index, k) * matrix.Scale(index, k) : 0, row[k], 0f);
            Assert.Equal(index < 40 ? matrix.Bias![index] : 0, store.Weights->Bias[output]);
        }
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    public void Scales_HalfOnlyWhereExactOrAllowed(bool exactInHalf, bool mayRound, bool expected)
    {
        var matrix = new RandomMatrix(new Random(6), 33, 64, 4, 32, false, halfScales: exactInHalf);
        using var store = new WeightStore([new WeightPlan(matrix.Source)], mayRound, threads: 1);
        Assert.Equal(expected, store.Weights->Format.HasHalfScales);
        Assert.Equal(2L * 2 * (expected ? 576 : 640), store.Bytes);
    }

    [Fact]
    public void Scales_TooSmallForHalf_StayFloat()
    {
        var matrix = new RandomMatrix(new Random(7), 32, 32, 4, 32, false);
        byte[] scales = System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(
            [.. Enumerable.Range(1, 32).Select(i => i * 1.3e-8f)]).ToArray();
        MatrixSource source = matrix.Source with { Scales = new TensorSource(null, 0, scales.Length, scales) };
        using var store = new WeightStore([new WeightPlan(source)], mayRoundScales: true, threads: 1);
        Assert.False(store.Weights->Format.HasHalfScales);
    }

    [Fact]
    public void File_TooShort_SaysWhereTheTensorEnds()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "weights.data");
        File.WriteAllBytes(path, new byte[100]);
        var matrix = new RandomMatrix(new Random(8), 32, 32, 4, 32, false);
        MatrixSource source = matrix.Source with { Codes = new TensorSource(path, 64, 512, default) };
        ModelFolderException refusal = Assert.Throws<ModelFolderException>(() => new WeightStore([new WeightPlan(source)], false, 1));
        Assert.Contains("the file has 100 bytes, but a tensor ends at byte 576. Fetch it again.", refusal.Message);
    }
}
