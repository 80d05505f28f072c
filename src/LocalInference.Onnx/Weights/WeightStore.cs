using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Weights;

/// <summary>
/// Owns every packed weight of a model, in native memory. Made once when a runner is made, on all processors; nodes of the graph name their
/// weight by its index, so the graph holds no second copy. Read-only afterwards, from any thread.
/// </summary>
internal sealed unsafe class WeightStore : IDisposable
{
    private const nuint Alignment = 64;

    // Tiles that one thread packs at a time: a few hundred kilobytes, so that threads end together.
    private const int TilesPerTask = 16;

    private readonly PackedWeight* _weights;
    private byte* _tiles;

    /// <summary>Reads and packs the weights.</summary>
    /// <param name="plans">What to pack; a weight's index is its place here.</param>
    /// <param name="mayRoundScales">Keeps scales as fp16 also where that rounds them; else only where fp16 holds them exactly.</param>
    /// <param name="threads">Threads that pack.</param>
    /// <exception cref="Models.ModelFolderException">A file is too short.</exception>
    public WeightStore(IReadOnlyList<WeightPlan> plans, bool mayRoundScales, int threads)
    {
        Count = plans.Count;
        _weights = (PackedWeight*)NativeMemory.AllocZeroed((nuint)Math.Max(plans.Count, 1) * (nuint)sizeof(PackedWeight));
        try
        {
            using var files = new WeightFiles();
            var packers = new TilePacker[plans.Count];
            for (int i = 0; i < plans.Count; i++)
                packers[i] = Prepare(plans[i], files, mayRoundScales, _weights + i);
            Place();
            Pack(packers, threads);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Weights.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of all tiles.</summary>
    public long Bytes
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < Count; i++)
                bytes += _weights[i].TileCount * _weights[i].TileBytes;
            return bytes;
        }
    }

    /// <summary>The first weight; the others follow.</summary>
    public PackedWeight* Weights => _weights;

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < Count; i++)
            NativeMemory.AlignedFree(_weights[i].Bias);
        if (Count >= 0)
        {
            NativeMemory.AlignedFree(_tiles);
            NativeMemory.Free(_weights);
        }
        Count = -1;
    }

    private static TilePacker Prepare(WeightPlan plan, WeightFiles files, bool mayRoundScales, PackedWeight* weight)
    {
        MatrixSource source = plan.First;
        var first = new MatrixTensors(source, files);
        MatrixTensors? partner = plan.Partner is null ? null : new MatrixTensors(plan.Partner, files);
        bool half = ScaleRounding.AllowsHalf(first, mayRoundScales)
            && (partner is not { } second || ScaleRounding.AllowsHalf(second, mayRoundScales));
        var format = new WeightFormat(source.Bits, source.BlockSize, source.ZeroPoints is not null, half);
        weight->Rows = plan.Rows;
        weight->Columns = source.Columns;
        weight->BlockCount = source.BlockCount;
        weight->TileCount = (plan.Rows + WeightFormat.TileOutputs - 1) / WeightFormat.TileOutputs;
        weight->TileBytes = (long)source.BlockCount * format.BlockBytes;
        weight->Format = format;
        var packer = new TilePacker(first, partner, format);
        if (source.Bias is not null || plan.Partner?.Bias is not null)
            weight->Bias = PackBias(packer, weight->TileCount * WeightFormat.TileOutputs);
        return packer;
    }

    private static float* PackBias(TilePacker packer, int outputs)
    {
        var bias = (float*)NativeMemory.AlignedAlloc((nuint)outputs * sizeof(float), Alignment);
        for (int output = 0; output < outputs; output++)
            bias[output] = packer.RowOf(output) is { } found ? found.Matrix.Bias(found.Row) : 0;
        return bias;
    }

    /// <summary>All weights one behind the other, in one piece of memory.</summary>
    private void Place()
    {
        _tiles = LargeMemory.Allocate(checked((nuint)Bytes));
        byte* next = _tiles;
        for (int i = 0; i < Count; i++)
        {
            _weights[i].Tiles = next;
            next += _weights[i].TileCount * _weights[i].TileBytes;
        }
    }

    private void Pack(TilePacker[] packers, int threads)
    {
        var tasks = new List<(int Weight, int FirstTile)>();
        for (int i = 0; i < packers.Length; i++)
            for (int tile = 0; tile < _weights[i].TileCount; tile += TilesPerTask)
                tasks.Add((i, tile));
        Parallel.ForEach(tasks, new ParallelOptions { MaxDegreeOfParallelism = threads }, task =>
        {
            PackedWeight* weight = _weights + task.Weight;
            int end = Math.Min(weight->TileCount, task.FirstTile + TilesPerTask);
            for (int tile = task.FirstTile; tile < end; tile++)
                packers[task.Weight].Pack(tile, weight->Tile(tile));
        });
    }
}
