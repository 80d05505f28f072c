using System.Runtime.InteropServices;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Owns the CPU's paged cache and what the attention kernels share.</summary>
internal sealed unsafe class KvPool : IDisposable
{
    private const nuint Alignment = 64;

    /// <summary>Tokens of a unit at most: widened to 32 bits, its keys and values stay in the second-level cache and fit a task's stack.</summary>
    private const int MaxUnitTokens = 64;

    private readonly PairKernels? _kernels;
    private AttentionMemory* _memory;

    /// <summary>Takes the memory. Pages are touched only when tokens are written.</summary>
    /// <param name="shape">The model's heads.</param>
    /// <param name="layerCount">Attention layers.</param>
    /// <param name="blockCount">Blocks.</param>
    /// <param name="blockTokens">Tokens in a block; a multiple of 16.</param>
    /// <param name="maxStepTokens">Tokens in one step at most.</param>
    /// <param name="type">What an element is kept as.</param>
    /// <param name="path">What matrix products are computed with; attention follows where it can.</param>
    /// <param name="threads">Threads that compute; at least 1. With more of them than tasks, long contexts are split.</param>
    public KvPool(
        AttentionShape shape, int layerCount, int blockCount, int blockTokens, int maxStepTokens, KvType type = KvType.Float32,
        KernelPath path = KernelPath.Portable, int threads = 1)
    {
        Layout = LayoutOf(shape, layerCount, blockTokens, type);
        _memory = (AttentionMemory*)NativeMemory.AllocZeroed((nuint)sizeof(AttentionMemory));
        *_memory = new AttentionMemory
        {
            TileCapacity = maxStepTokens,
            Threads = threads,
            BlockCount = blockCount,
            BlockTokens = blockTokens,
            LayerCount = layerCount,
            HeadCount = shape.HeadCount,
            KvHeadCount = shape.KvHeadCount,
            HeadSize = shape.HeadSize,
            PaddedHeadSize = Pad(shape.HeadSize),
            Type = type,
            UnitTokens = UnitOf(blockTokens),
            KeyLimit = LimitOf(type, shape.HeadSize),
            QueryLimit = FactorLimitOf(type, shape.HeadSize),
            ValueLimit = LimitOf(type, UnitOf(blockTokens)),
            WeightLimit = FactorLimitOf(type, UnitOf(blockTokens)),
        };
        _kernels = PairKernels.TryMake(path, type);
        _memory->PairKernels = _kernels is null ? null : _kernels.Table;
        try
        {
            _memory->Cache = LargeMemory.Allocate(checked((nuint)(Layout.BytesPerBlock * blockCount)));
            // As many spans as fill the cache, and one that has only begun for each sequence. Sequences that share blocks may have more; those are not split.
            _memory->PartialCapacity = checked((int)((long)blockCount * blockTokens / _memory->SpanTokens) + threads);
            _memory->Tiles = (Tile*)Allocate((long)maxStepTokens + _memory->PartialCapacity, sizeof(Tile));
            _memory->Partials = (float*)Allocate((long)_memory->PartialCapacity * shape.KvHeadCount * _memory->PartialFloats, sizeof(float));
            _memory->OpenSpans = (int*)Allocate(threads, sizeof(int));
        }
        catch (OutOfMemoryException e)
        {
            Dispose();
            throw new InvalidOperationException(
                $"The KV cache needs {Layout.BytesPerBlock * blockCount} bytes ({blockCount} blocks of {blockTokens} tokens), which the system does not give. "
                + $"Set {nameof(Runner.RunnerOptions.KvCacheBytes)} lower.",
                e);
        }
    }

    /// <summary>What a block holds.</summary>
    public KvLayout Layout { get; }

    /// <summary>Shared with the kernels; valid until disposal.</summary>
    public AttentionMemory* Memory => _memory;

    /// <summary>What the cache keeps for each token.</summary>
    public static KvLayout LayoutOf(AttentionShape shape, int layerCount, int blockTokens, KvType type = KvType.Float32)
    {
        int bytes = AttentionMemory.BytesOf(type), scale = AttentionMemory.ScaleBytesOf(type);
        var layer = new KvLayer([
            new KvTensor("key", (long)shape.KvHeadCount * ((shape.HeadSize * bytes) + scale)),
            new KvTensor("value", (long)shape.KvHeadCount * ((Pad(shape.HeadSize) * bytes) + scale)),
        ]);
        return new KvLayout(blockTokens, [.. Enumerable.Repeat(layer, layerCount)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_memory is null)
            return;
        NativeMemory.AlignedFree(_memory->Cache);
        NativeMemory.AlignedFree(_memory->Tiles);
        NativeMemory.AlignedFree(_memory->Partials);
        NativeMemory.AlignedFree(_memory->OpenSpans);
        NativeMemory.Free(_memory);
        _memory = null;
        _kernels?.Dispose();
    }

    private static void* Allocate(long count, int bytes) => NativeMemory.AlignedAlloc(checked((nuint)(count * bytes)), Alignment);

    private static int LimitOf(KvType type, int depth) => type == KvType.Int8 ? sbyte.MaxValue : IntegerRow.Limit(depth);

    /// <summary>Of what cached integers are multiplied with: as fine as they are, or finer where they are bytes and leave room for it.</summary>
    private static int FactorLimitOf(KvType type, int depth) =>
        type == KvType.Int8 ? IntegerRow.Limit(depth, sbyte.MaxValue) : IntegerRow.Limit(depth);

    /// <summary>Values are rows of whole vectors of the widest kind, 16 floats.</summary>
    private static int Pad(int headSize) => (headSize + 15) / 16 * 16;

    /// <summary>The largest whole part of a block that is a multiple of 16 tokens and not too large.</summary>
    private static int UnitOf(int blockTokens)
    {
        int parts = 1;
        while (blockTokens / parts > MaxUnitTokens || blockTokens % (parts * 16) != 0)
            parts++;
        return blockTokens / parts;
    }
}
