using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Bench.Kernels;

/// <summary>
/// Attention without a session: a cache of DeepSeek-R1-Distill-Qwen-1.5B's heads, filled for some sequences in every layer, and one tile of
/// new rows that attends with one sequence of one layer at a time. Layers and sequences take turns, so that keys and values come from
/// memory.
/// </summary>
internal sealed unsafe class AttentionRig : IDisposable
{
    /// <summary>12 query heads over 2 key heads of 128.</summary>
    public static readonly AttentionShape Shape = new(12, 2, 128);

    private const int LayerCount = 28;
    private const int SequenceCount = 4;
    private const int BlockTokens = 64;
    private const float RotaryBase = 10_000;

    private readonly KvPool _pool;
    private readonly int _past;
    private readonly int _rows;
    private readonly int _blocksOfSequence;
    private readonly NativeBuffer<float> _angles;
    private readonly NativeBuffer<float> _inputs;
    private readonly NativeBuffer<float> _output;
    private readonly NativeBuffer<int> _description;
    private int _next;

    /// <param name="type">What the cache keeps.</param>
    /// <param name="past">Tokens of each sequence in the cache.</param>
    /// <param name="rows">New tokens, one tile of them.</param>
    public AttentionRig(KvType type, int past, int rows)
    {
        (_past, _rows) = (past, rows);
        _blocksOfSequence = (past + rows + BlockTokens - 1) / BlockTokens;
        _pool = new KvPool(Shape, LayerCount, SequenceCount * _blocksOfSequence, BlockTokens, Math.Max(past, rows), type, KernelPaths.Best);
        _angles = Angles(past + rows);
        _inputs = RandomFloats.Make((long)Math.Max(past, rows) * RowFloats);
        _output = new NativeBuffer<float>((long)rows * Shape.HeadCount * Shape.HeadSize);
        _description = new NativeBuffer<int>(3 + (SequenceCount * _blocksOfSequence));
        for (int sequence = 0; sequence < SequenceCount; sequence++)
            for (int i = 0; i < _blocksOfSequence; i++)
                // Neighbouring blocks belong to different sequences, as they do in a server that runs several.
                _description.Address[3 + (sequence * _blocksOfSequence) + i] = (i * SequenceCount) + sequence;
        Fill();
    }

    private static int KeyWidth => Shape.KvHeadCount * Shape.HeadSize;

    /// <summary>A row: its query, its key, its value.</summary>
    private static int RowFloats => (Shape.HeadCount * Shape.HeadSize) + (2 * KeyWidth);

    /// <summary>The tile with all key heads of the next layer or sequence: writes its keys and values, then attends.</summary>
    public void Step()
    {
        _next = (_next + 1) % (LayerCount * SequenceCount);
        Run(_next / SequenceCount, _next % SequenceCount, _past, _rows, attends: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _description.Dispose();
        _output.Dispose();
        _inputs.Dispose();
        _angles.Dispose();
        _pool.Dispose();
    }

    /// <summary>Writes all sequences of the first layer; the other layers get copies.</summary>
    private void Fill()
    {
        for (int sequence = 0; sequence < SequenceCount; sequence++)
            Run(layer: 0, sequence, past: 0, _past, attends: false);
        byte* first = _pool.Memory->Keys(0, 0, 0);
        long bytes = _pool.Memory->Keys(1, 0, 0) - first;
        for (int layer = 1; layer < LayerCount; layer++)
            NativeMemory.Copy(first, first + (layer * bytes), (nuint)bytes);
    }

    private void Run(int layer, int sequence, int past, int rows, bool attends)
    {
        int* description = _description.Address;
        (description[0], description[1], description[2]) = (0, rows, past);
        var node = new AttentionNode
        {
            Memory = _pool.Memory,
            Cos = _angles.Address,
            Sin = _angles.Address + (_angles.Length / 2),
            Layer = layer,
            HeadCount = Shape.HeadCount,
            KvHeadCount = Shape.KvHeadCount,
            HeadSize = Shape.HeadSize,
            RotaryPositions = _past + _rows,
            Scale = 1 / MathF.Sqrt(Shape.HeadSize),
        };
        float* key = _inputs.Address + (Shape.HeadCount * Shape.HeadSize);
        var job = new AttentionJob
        {
            Node = &node,
            Query = _inputs.Address,
            Key = key,
            Value = key + KeyWidth,
            Output = _output.Address,
            CumulativeLengths = description,
            PastLengths = description + 2,
            BlockTable = description + 3 + (sequence * _blocksOfSequence),
            QueryStride = RowFloats,
            KeyStride = RowFloats,
            ValueStride = RowFloats,
            TokenCount = rows,
            SequenceCount = 1,
            BlockTableWidth = _blocksOfSequence,
        };
        for (int kvHead = 0; kvHead < Shape.KvHeadCount; kvHead++)
            Run(&job, new Tile(0, 0, rows), kvHead, attends);
    }

    // As the product chooses: the widest vectors that the processor has.
    private static void Run(AttentionJob* job, Tile tile, int kvHead, bool attends)
    {
        if (Vector512.IsHardwareAccelerated)
            Run<Vector512<float>, Lanes512>(job, tile, kvHead, attends);
        else if (Vector256.IsHardwareAccelerated && Fma.IsSupported)
            Run<Vector256<float>, Lanes256>(job, tile, kvHead, attends);
        else
            Run<Vector128<float>, Lanes128>(job, tile, kvHead, attends);
    }

    private static void Run<TVector, TLanes>(AttentionJob* job, Tile tile, int kvHead, bool attends)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        PagedAttentionTask<TVector, TLanes>.Append(job, tile, kvHead);
        if (attends)
            PagedAttentionTask<TVector, TLanes>.Attend(job, tile, kvHead, new UnitWalk(job, tile.Sequence, kvHead).At(0));
    }

    /// <summary>Cosines of all positions, then sines.</summary>
    private static NativeBuffer<float> Angles(int positions)
    {
        int half = Shape.HeadSize / 2;
        var angles = new NativeBuffer<float>(2L * positions * half);
        for (int position = 0; position < positions; position++)
            for (int i = 0; i < half; i++)
            {
                float angle = position * MathF.Pow(RotaryBase, -(float)i / half);
                angles.Address[(position * half) + i] = MathF.Cos(angle);
                angles.Address[((positions + position) * half) + i] = MathF.Sin(angle);
            }
        return angles;
    }
}
