using BenchmarkDotNet.Attributes;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Runner;

namespace LocalInference.Bench.Kernels;

/// <summary>What choosing costs for each wanted row: the likeliest of a vocabulary's logits, or the likeliest few.</summary>
public unsafe class ChoiceBenchmarks
{
    /// <summary>Of DeepSeek-R1-Distill-Qwen-1.5B.</summary>
    private const int Vocabulary = 151_936;

    private const int LikeliestCount = 50;

    // Rows of a step, which the LM head has just written: they take turns in the last-level cache.
    private const int Rows = 8;

    private readonly int[] _tokens = new int[LikeliestCount];
    private readonly float[] _values = new float[LikeliestCount];
    private NativeBuffer<float> _logits = null!;
    private int _next;

    [GlobalSetup]
    public void Setup() => _logits = RandomFloats.Make((long)Rows * Vocabulary);

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

    [GlobalCleanup]
    public void Cleanup() => _logits.Dispose();

    private ReadOnlySpan<float> Next()
    {
        _next = (_next + 1) % Rows;
        return new ReadOnlySpan<float>(_logits.Address + ((long)_next * Vocabulary), Vocabulary);
    }
}
