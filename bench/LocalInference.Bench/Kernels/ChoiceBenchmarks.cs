using BenchmarkDotNet.Attributes;
using LocalInference.Core.Completions;
using LocalInference.Engine.Sampling;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Runner;

namespace LocalInference.Bench.Kernels;

/// <summary>
/// What choosing a token costs for each wanted row of a vocabulary's logits: as the runner does it, the likeliest or the likeliest few, and
/// as the engine's thread does it by a request's sampling parameters.
/// </summary>
public unsafe class ChoiceBenchmarks
{
    /// <summary>Of DeepSeek-R1-Distill-Qwen-1.5B.</summary>
    private const int Vocabulary = 151_936;

    private const int LikeliestCount = 50;

    private const int FittingCount = 8;

    // Rows of a step, which the LM head has just written: they take turns in the last-level cache.
    private const int Rows = 8;

    // DeepSeek-R1's.
    private static readonly SamplingParameters TopP = new(Temperature: 0.6, TopP: 0.95, TopK: 0, MinP: 0, Seed: 1);
    private static readonly SamplingParameters Temperature = TopP with { TopP = 1 };
    private static readonly SamplingParameters All = TopP with { TopK = 40, MinP = 0.05 };

    private readonly Sampler _sampler = new(Vocabulary);
    private readonly int[] _tokens = new int[LikeliestCount];
    private readonly float[] _values = new float[LikeliestCount];
    private NativeBuffer<float> _logits = null!;
    private int _next;
    private long _position;

    /// <summary>What the logits are like.</summary>
    public enum Shape
    {
        /// <summary>
        /// As a model's are: normal with a standard deviation of 3, and above that a few tokens that fit, the likeliest at 20.
        /// </summary>
        Peaked,

        /// <summary>Normal with a standard deviation of 1: top_p is left half of the vocabulary, which costs most.</summary>
        Even,
    }

    [ParamsAllValues]
    public Shape Logits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _logits = RandomFloats.Make((long)Rows * Vocabulary);
        if (Logits == Shape.Even) return;
        for (long i = 0; i < (long)Rows * Vocabulary; i++) _logits.Address[i] *= 3;
        for (int row = 0; row < Rows; row++)
            for (int i = 0; i < FittingCount; i++)
                _logits.Address[((long)row * Vocabulary) + ((row + (i * FittingCount)) * 1009)] = 20 - i;
    }

    [Benchmark]
    [Work(multiplyAdds: 0, Vocabulary * sizeof(float))]
    public int Greedy() => TopKSelector.Likeliest(Next());

    [Benchmark]
    [Work(multiplyAdds: 0, Vocabulary * sizeof(float))]
    public int Likeliest50()
    {
        TopKSelector.Select(Next(), _tokens, _values);
        return _tokens[0];
    }

    [Benchmark]
    [Work(multiplyAdds: 0, Vocabulary * sizeof(float))]
    public int SampleTemperature() => Sample(Temperature);

    [Benchmark]
    [Work(multiplyAdds: 0, Vocabulary * sizeof(float))]
    public int SampleTopP() => Sample(TopP);

    [Benchmark]
    [Work(multiplyAdds: 0, Vocabulary * sizeof(float))]
    public int SampleTopKTopPMinP() => Sample(All);

    [GlobalCleanup]
    public void Cleanup() => _logits.Dispose();

    private int Sample(SamplingParameters parameters) =>
        _sampler.TrySample(Next(), parameters, _position++, out int token)
            ? token
            : throw new InvalidOperationException("The logits are broken.");

    private ReadOnlySpan<float> Next()
    {
        _next = (_next + 1) % Rows;
        return new ReadOnlySpan<float>(_logits.Address + ((long)_next * Vocabulary), Vocabulary);
    }
}
