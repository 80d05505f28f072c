using System.Runtime.InteropServices;
using LocalInference.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LocalInference.Bench.Step;

/// <summary>The caches of a graph with <c>GroupQueryAttention</c>: for each, one native buffer that is its past and its present at once.</summary>
internal sealed unsafe class SlotPool : IDisposable
{
    private const string PastPrefix = "past_key_values.";
    private const string PresentPrefix = "present.";
    private const nuint Alignment = 64;

    private readonly string[] _names;
    private readonly nint[] _buffers;
    private readonly long[] _shape;
    private readonly int[] _filled;

    /// <param name="model">Tells heads and their size.</param>
    /// <param name="session">Its inputs are the caches.</param>
    /// <param name="slots">Sequences at once.</param>
    /// <param name="tokens">Positions of a slot.</param>
    public SlotPool(OnnxModel model, InferenceSession session, int slots, int tokens)
    {
        _names = [.. session.InputMetadata.Keys.Where(IsCache)];
        if (_names.Length != 2 * model.LayerCount)
            throw new BenchException($"The graph of {model.Folder} has {_names.Length} caches for {model.LayerCount} layers: measure with --kernels own.");
        _shape = [slots, model.KvHeadCount, tokens, model.HeadSize];
        _filled = new int[slots];
        nuint bytes = checked((nuint)(SlotFloats * slots * sizeof(float)));
        _buffers = [.. _names.Select(_ => (nint)NativeMemory.AlignedAlloc(bytes, Alignment))];
    }

    public long BytesPerToken => _names.Length * _shape[1] * _shape[3] * sizeof(float);

    private long SlotFloats => _shape[1] * _shape[2] * _shape[3];

    public static bool IsCache(string input) => input.StartsWith(PastPrefix, StringComparison.Ordinal);

    /// <summary>Puts numbers into the first positions of the first slots: memory that was never written reads faster than memory is.</summary>
    public void Fill(int slots, int tokens)
    {
        for (int slot = 0; slot < slots; slot++)
        {
            if (_filled[slot] >= tokens) continue;
            var random = new Random(slot);
            foreach (nint buffer in _buffers)
                for (long head = 0; head < _shape[1]; head++)
                {
                    float* from = (float*)buffer + (slot * SlotFloats) + (head * _shape[2] * _shape[3]);
                    foreach (ref float value in new Span<float>(from, (int)(tokens * _shape[3])))
                        value = random.NextSingle() - 0.5f;
                }
            _filled[slot] = tokens;
        }
    }

    /// <summary>Binds every cache's first slots as past and present.</summary>
    /// <returns>What to dispose of after the binding.</returns>
    public List<OrtValue> Bind(OrtIoBinding binding, OrtMemoryInfo memory, int slots)
    {
        long[] shape = [slots, .. _shape[1..]];
        List<OrtValue> values = [];
        for (int i = 0; i < _names.Length; i++)
        {
            OrtValue value = OrtValue.CreateTensorValueWithData(memory, TensorElementType.Float, shape, _buffers[i], SlotFloats * slots * sizeof(float));
            values.Add(value);
            binding.BindInput(_names[i], value);
            binding.BindOutput(PresentPrefix + _names[i][PastPrefix.Length..], value);
        }
        return values;
    }

    public void Dispose()
    {
        for (int i = 0; i < _buffers.Length; i++)
        {
            NativeMemory.AlignedFree((void*)_buffers[i]);
            _buffers[i] = 0;
        }
    }
}
