using BenchmarkDotNet.Attributes;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Bench.Kernels;

/// <summary>
/// Attention of one layer on one thread, heads of DeepSeek-R1-Distill-Qwen-1.5B, context 1,000: one row of a sequence that is decoded, and
/// a tile of 16 rows of a prompt, writing their keys and values included. Keys and values come from memory.
/// </summary>
public class AttentionBenchmarks
{
    private const int Context = 1000;
    private const int TileRows = 16;

    // Scores and weighted values of 12 heads of 128.
    private const double MultiplyAddsOfToken = 2.0 * 12 * 128;

    private AttentionRig _decode = null!;
    private AttentionRig _prefill = null!;

    /// <summary>What the cache keeps.</summary>
    [ParamsAllValues]
    public KvType Cache { get; set; }

    [GlobalSetup(Target = nameof(Decode))]
    public void SetupDecode() => _decode = new AttentionRig(Cache, Context - 1, rows: 1);

    [Benchmark]
    [Work(MultiplyAddsOfToken * Context, bytes: 0)]
    public void Decode() => _decode.Step();

    [GlobalCleanup(Target = nameof(Decode))]
    public void CleanupDecode() => _decode.Dispose();

    [GlobalSetup(Target = nameof(PrefillTile))]
    public void SetupPrefill() => _prefill = new AttentionRig(Cache, Context - TileRows, TileRows);

    [Benchmark]
    [Work(MultiplyAddsOfToken * TileRows * (Context - ((TileRows - 1) / 2.0)), bytes: 0)]
    public void PrefillTile() => _prefill.Step();

    [GlobalCleanup(Target = nameof(PrefillTile))]
    public void CleanupPrefill() => _prefill.Dispose();
}
