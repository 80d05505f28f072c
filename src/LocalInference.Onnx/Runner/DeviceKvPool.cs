using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// The paged cache in a device's memory: for each layer two tensors of all blocks, [blocks, tokens of a block, key and value heads, head
/// size], which the session is bound to once and whose contents attention updates in place.
/// </summary>
internal sealed class DeviceKvPool : IDisposable
{
    private readonly List<DeviceTensor> _tensors = [];

    /// <summary>Takes the memory.</summary>
    /// <param name="graph">Says what the caches are.</param>
    /// <param name="blockCount">Blocks.</param>
    /// <param name="allocator">The device's.</param>
    /// <exception cref="InvalidOperationException">The device has not so much.</exception>
    public DeviceKvPool(ServedGraph graph, int blockCount, OrtAllocator allocator)
    {
        (int blockTokens, int heads, int headSize) = (graph.Profile.BlockTokens!.Value, graph.Shape.KvHeadCount, graph.Shape.HeadSize);
        try
        {
            for (int i = 0; i < 2 * graph.LayerCount; i++)
                _tensors.Add(new DeviceTensor(allocator, graph.Profile.ElementType, blockCount, blockTokens, heads, headSize));
        }
        catch (InvalidOperationException e)
        {
            Dispose();
            throw new InvalidOperationException(
                $"The KV cache needs {LayoutOf(graph).BytesPerBlock * blockCount} bytes of the device's memory "
                + $"({blockCount} blocks of {blockTokens} tokens), which it does not give ({e.Message}). "
                + $"Set {nameof(RunnerOptions.KvCacheBytes)} lower.", e);
        }
    }

    /// <summary>What the cache keeps for each token.</summary>
    public static KvLayout LayoutOf(ServedGraph graph)
    {
        long bytes = (long)graph.Shape.KvHeadCount * graph.Shape.HeadSize * FloatConversion.SizeOf(graph.Profile.ElementType);
        var layer = new KvLayer([new KvTensor("key", bytes), new KvTensor("value", bytes)]);
        return new KvLayout(graph.Profile.BlockTokens!.Value, [.. Enumerable.Repeat(layer, graph.LayerCount)]);
    }

    /// <summary>Makes a session read and write the caches from now on.</summary>
    public unsafe void BindTo(OrtIoBinding binding)
    {
        for (int i = 0; i < _tensors.Count; i++)
        {
            string name = i % 2 == 0 ? ServedGraphProfile.KeyCache(i / 2) : ServedGraphProfile.ValueCache(i / 2);
            OrtFunctions.Check(OrtFunctions.BindInput(binding.DangerousGetHandle(), OrtFunctions.Name(name), _tensors[i].Value));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tensors.ForEach(t => t.Dispose());
        _tensors.Clear();
    }
}
