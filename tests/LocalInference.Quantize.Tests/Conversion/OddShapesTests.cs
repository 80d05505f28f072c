using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Conversion;

/// <summary>
/// Any checkpoint of the known architectures, whatever its shape, says the same in the folder as a plain evaluation of its weights.
/// </summary>
public sealed class OddShapesTests : IDisposable
{
    private const int Seeds = 30;
    private const int PromptTokens = 21;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> AllSeeds => [.. Enumerable.Range(1, Seeds)];

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void Convert_OddShapeInFloats_GivesThePlainLogits(int seed)
    {
        string checkpoint = _folder.In("checkpoint");
        OddCheckpoint odd = OddCheckpoint.Write(seed, checkpoint);
        int[] ids = odd.Ids(PromptTokens);
        double[] plain = new PlainDecoder(odd.Config, odd.Weights).Logits(ids);
        AssertNear(plain, Served(checkpoint, Conversions.Precision(32), ids), 1e-3, odd);
        // What reports are measured against must agree, too.
        using CheckpointLogits dense = CheckpointLogits.Open(checkpoint, [ids], TestContext.Current.CancellationToken);
        AssertNear(plain, dense.Logits(0), 1e-3, odd);
        // Weights and tables in fp16, for GPUs; this server computes them in fp32.
        AssertNear(plain, Served(checkpoint, Conversions.Precision(16, isForGpu: true), ids), 0.03, odd);
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void Convert_OddShapeInBlocks_GivesThePlainLogitsOfTheStoredWeights(int seed)
    {
        string checkpoint = _folder.In("checkpoint"), made = _folder.In("made");
        OddCheckpoint odd = OddCheckpoint.Write(seed, checkpoint);
        int[] ids = odd.Ids(PromptTokens);
        var chance = new Random(seed);
        int block = 16 << chance.Next(4), bits = 4 << chance.Next(2), headBits = 4 << chance.Next(2);
        bool isSymmetric = chance.Next(2) == 0;
        EmbeddingType? embedding = chance.Next(2) == 0 ? null : (EmbeddingType)chance.Next(4);
        if (odd.Config["hidden_size"]!.GetValue<int>() % block != 0 && embedding is EmbeddingType.Int4 or EmbeddingType.Int8)
            embedding = null;
        var layers = new Dictionary<int, int> { [0] = 12 - bits };
        Precision precision = Conversions.Precision(bits, block, isSymmetric, headBits: headBits, embedding: embedding, layerBits: layers);
        Conversions.Convert(checkpoint, made, Conversions.Options(precision, (MethodName)chance.Next(3)));
        // The products take activations of 8 bits a block, which costs some hundredths over five layers; a code, scale or zero point in the
        // wrong place costs all.
        double[] plain = new PlainDecoder(odd.Config, StoredWeights.Read(made, odd.Weights)).Logits(ids);
        AssertNear(plain, Conversions.Logits(made, ids), 0.15, odd);
    }

    public void Dispose() => _folder.Dispose();

    private float[] Served(string checkpoint, Precision precision, int[] ids)
    {
        string made = _folder.In($"made-{precision.Bits}");
        Conversions.Convert(checkpoint, made, Conversions.Options(precision));
        return Conversions.Logits(made, ids);
    }

    /// <param name="expected">Logits.</param>
    /// <param name="found">Logits.</param>
    /// <param name="most">Difference at most, as a part of the logits' own spread.</param>
    /// <param name="odd">For the message.</param>
    private static void AssertNear(double[] expected, float[] found, double most, OddCheckpoint odd)
    {
        Assert.Equal(expected.Length, found.Length);
        double spread = Math.Sqrt(expected.Average(x => x * x)),
            difference = Math.Sqrt(expected.Zip(found, (a, b) => (a - b) * (a - b)).Average());
        Assert.True(difference <= most * spread, $"{difference} of {spread}: {odd}");
    }
}
