using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>Converts without a command line.</summary>
internal static class Conversions
{
    public static Precision Precision(
        int bits = 4, int block = 32, bool isSymmetric = true, bool isForGpu = false, int? headBits = null, EmbeddingType? embedding = null,
            Dictionary<int, int>? layerBits = null) => new()
    {
        Activations = isForGpu || bits == 16 ? StoredType.Float16 : StoredType.Float32,
        IsForGpu = isForGpu,
        Bits = bits,
        BlockSize = block,
        IsSymmetric = isSymmetric,
        HeadBits = headBits ?? bits,
        LayerBits = layerBits ?? [],
        Embedding = embedding,
    };

    public static ConversionOptions Options(Precision precision, MethodName method = MethodName.Rtn, bool multipliesAuthorsFactor = true) =>
        new()
    {
        Precision = precision, Method = method, MultipliesAuthorsFactor = multipliesAuthorsFactor,
    };

    /// <summary>Converts a checkpoint into a folder that is made.</summary>
    public static QuantizationReport Convert(string checkpoint, string target, ConversionOptions options,
        EvaluationChoice? evaluation = null)
    {
        using ModelSource source = ModelSource.Open(checkpoint);
        return Convert(source, target, options, evaluation);
    }

    public static QuantizationReport Convert(ModelSource source, string target, ConversionOptions options,
        EvaluationChoice? evaluation = null)
    {
        options = (evaluation ?? new EvaluationChoice(0, null)).Apply(source, options);
        WeightPlan plan = Write(source, target, options);
        return QuantizationReport.Measure(source, options, plan, target, NoProgress, TestContext.Current.CancellationToken);
    }

    /// <summary>Converts into a folder that is made, and measures nothing.</summary>
    public static WeightPlan Write(ModelSource source, string target, ConversionOptions options)
    {
        Directory.CreateDirectory(target);
        return new Converter(source, options).Write(
            new OutputFolder(target, new LocalDisk()), NoProgress, TestContext.Current.CancellationToken);
    }

    /// <summary>Logits of a folder as this server runs it.</summary>
    public static float[] Logits(string folder, int[] ids)
    {
        using var logits = new FolderLogits(folder, [ids], answers: false);
        return logits.Logits(0);
    }

    private static ProgressBar NoProgress(long total) => new(TextWriter.Null, isTerminal: false, total, TimeProvider.System);
}
