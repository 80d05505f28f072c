using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// Runs one layer's attention on ONNX Runtime's threads: cuts the step into tiles, where they are few also the contexts into spans, appends keys and values,
/// attends.
/// Nothing here allocates, locks or logs, and no exception leaves a task.
/// </summary>
internal static unsafe class PagedAttention
{
    /// <summary>Floats of a task's queries at most: with as many outputs they keep within a pool thread's second-level cache and far within its stack.</summary>
    private const int TileFloats = 16384;

    /// <summary>Queries in a tile at most: enough to use a block well while it is in the cache, few enough to share a prompt among threads.</summary>
    private const int MaxTileQueries = 16;

    /// <summary>Queries in a tile of such a model.</summary>
    public static int TileQueries(int groupSize, int headSize) => Math.Clamp(TileFloats / (groupSize * headSize), 1, MaxTileQueries);

    /// <summary>Computes the layer.</summary>
    /// <returns>A status; null is success.</returns>
    public static void* Run(void* context, AttentionJob* job)
    {
        bool appends = Cut(job);
        nuint tasks = TaskCount(job);
        // A sequence with one new token appends it in the task that attends, since nobody else reads it. A longer one must be whole before any of its tiles attends.
        void* status = appends ? OrtFunctions.ParallelFor(context, &AppendTask, tasks, 0, job) : null;
        if (status is null)
            status = OrtFunctions.ParallelFor(context, &AttendTask, tasks, 0, job);
        if (status is null && Volatile.Read(ref job->Failed) != 0)
            status = OrtFunctions.Fail($"Paged attention of layer {job->Node->Layer} failed inside a task.");
        return status;
    }

    /// <summary>Cuts the sequences into tiles.</summary>
    /// <returns>Whether a sequence has more than one new token.</returns>
    internal static bool Cut(AttentionJob* job)
    {
        Tile* tiles = job->Node->Memory->Tiles;
        int queries = TileQueries(job->Node->GroupSize, job->Node->HeadSize), count = 0;
        bool appends = false;
        for (int sequence = 0; sequence < job->SequenceCount; sequence++)
        {
            int end = job->CumulativeLengths[sequence + 1];
            for (int row = job->CumulativeLengths[sequence]; row < end; row += queries)
                tiles[count++] = new Tile(sequence, row, Math.Min(queries, end - row));
            appends |= job->NewTokens(sequence) > 1;
        }
        job->TileCount = count;
        if (TaskCount(job) < (nuint)job->Node->Memory->Threads)
            Split(job);
        return appends;
    }

    /// <summary>
    /// Makes each span of a single new token's context a task of its own. There may be more of them than threads: partial results are kept for each span anyway,
    /// and the smaller tasks are, the more evenly threads end.
    /// </summary>
    private static void Split(AttentionJob* job)
    {
        AttentionMemory* memory = job->Node->Memory;
        int whole = job->TileCount, partials = 0;
        for (int i = 0; i < whole; i++)
        {
            Tile tile = memory->Tiles[i];
            int spans = job->SpanCount(tile.Sequence);
            if (job->NewTokens(tile.Sequence) > 1 || spans == 1 || partials + spans > memory->PartialCapacity)
                continue;
            for (int kvHead = 0; kvHead < memory->KvHeadCount; kvHead++)
                *job->OpenSpans(tile.Sequence, kvHead) = spans;
            for (int span = 0; span < spans; span++)
                memory->Tiles[span == 0 ? i : job->TileCount++] = tile with { IsSplit = true, Span = span, FirstPartial = partials };
            partials += spans;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void AppendTask(void* state, nuint index)
    {
        var job = (AttentionJob*)state;
        try
        {
            Tile tile = TileOf(job, index, out int kvHead);
            if (job->NewTokens(tile.Sequence) > 1)
                Append(job, tile, kvHead);
        }
        catch
        {
            Volatile.Write(ref job->Failed, 1);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void AttendTask(void* state, nuint index)
    {
        var job = (AttentionJob*)state;
        try
        {
            Tile tile = TileOf(job, index, out int kvHead);
            if (job->AppendsAsItAttends(tile))
                Append(job, tile, kvHead);
            // Threads take tasks in order, so the next is likely this thread's own.
            Attend(job, tile, kvHead, FirstUnit(job, Math.Min(index + 1, TaskCount(job) - 1)));
        }
        catch
        {
            Volatile.Write(ref job->Failed, 1);
        }
    }

    private static nuint TaskCount(AttentionJob* job) => (nuint)job->TileCount * (nuint)job->Node->KvHeadCount;

    /// <summary>What a task reads first.</summary>
    private static KvUnit FirstUnit(AttentionJob* job, nuint index)
    {
        Tile tile = TileOf(job, index, out int kvHead);
        return new UnitWalk(job, tile.Sequence, kvHead).At(tile.Span * job->Node->Memory->SpanUnits);
    }

    private static Tile TileOf(AttentionJob* job, nuint index, out int kvHead)
    {
        (int tile, kvHead) = Math.DivRem((int)index, job->Node->KvHeadCount);
        return job->Node->Memory->Tiles[tile];
    }

    // The conditions are constants to the compiler: one branch of each remains.
    private static void Append(AttentionJob* job, Tile tile, int kvHead)
    {
        if (Vector512.IsHardwareAccelerated)
            PagedAttentionTask<Vector512<float>, Lanes512>.Append(job, tile, kvHead);
        else if (Vector256.IsHardwareAccelerated && Fma.IsSupported)
            PagedAttentionTask<Vector256<float>, Lanes256>.Append(job, tile, kvHead);
        else
            PagedAttentionTask<Vector128<float>, Lanes128>.Append(job, tile, kvHead);
    }

    private static void Attend(AttentionJob* job, Tile tile, int kvHead, in KvUnit after)
    {
        if (Vector512.IsHardwareAccelerated)
            PagedAttentionTask<Vector512<float>, Lanes512>.Attend(job, tile, kvHead, in after);
        else if (Vector256.IsHardwareAccelerated && Fma.IsSupported)
            PagedAttentionTask<Vector256<float>, Lanes256>.Attend(job, tile, kvHead, in after);
        else
            PagedAttentionTask<Vector128<float>, Lanes128>.Attend(job, tile, kvHead, in after);
    }
}
