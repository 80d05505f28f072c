using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>Runs a quantised product on ONNX Runtime's threads. Nothing here allocates, locks or logs, and no exception leaves a task.</summary>
internal static unsafe class QuantizedProduct
{
    private const int TileOutputs = WeightFormat.TileOutputs;
    private const int Lanes = 16;
    private const int MaxBlockSize = 256;
    private const int Alignment = 64;

    /// <summary>Computes the product.</summary>
    /// <returns>A status; null is success.</returns>
    public static void* Run(void* context, ProductJob* job)
    {
        if (job->RowCount == 0)
            return null;
        void* status = OrtFunctions.ParallelFor(context, &Task, (nuint)job->TaskCount, 0, job);
        if (status is null && Volatile.Read(ref job->Failed) != 0)
            status = OrtFunctions.Fail("A quantised product failed inside a task.");
        return status;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Task(void* state, nuint index)
    {
        var job = (ProductJob*)state;
        try
        {
            (int block, int part) = Math.DivRem((int)index, job->PartCount);
            int firstGroup = block * job->GroupsAtOnce, endGroup = Math.Min(job->Groups.Count, firstGroup + job->GroupsAtOnce);
            int from = (int)((long)job->UnitCount * part / job->PartCount), to = (int)((long)job->UnitCount * (part + 1) / job->PartCount);
            if (job->Kind == ProductKind.GateUp)
                RunGateUp(job, from, to, firstGroup, endGroup);
            else
                RunPlain(job, from, to, firstGroup, endGroup);
        }
        catch
        {
            Volatile.Write(ref job->Failed, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void RunPlain(ProductJob* job, int fromTile, int toTile, int firstGroup, int endGroup)
    {
        byte* space = stackalloc byte[(RowGroups.MaxRows * TileOutputs * sizeof(float)) + Alignment];
        float* result = Align(space);
        RowGroups groups = job->Groups;
        for (int tile = fromTile; tile < toTile; tile++)
            for (int group = firstGroup; group < endGroup; group++)
            {
                int first = groups.First(group), rows = groups.Size(group);
                PrefetchOutput(job, tile, first, rows);
                Multiply(job, tile, first, rows, result);
                WriteOutput(job, tile, first, rows, result);
            }
    }

    /// <summary>One tile with one group: the kernel, assembled or portable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ProductJob* job, int tile, int first, int rows, float* result)
    {
        PackedWeight* weight = job->Weight;
        byte* activations = job->Activations + ((long)first * weight->Format.Activations.RowBytes(weight->Columns));
        var kernel = (delegate* unmanaged<byte*, byte*, float*, nint, void>)weight->Kernels[rows];
        if (kernel is not null)
            kernel(weight->Tile(tile), activations, result, weight->BlockCount);
        else
            PortableKernel.Run(weight->Format, rows, weight->Tile(tile), activations, result, weight->BlockCount);
    }

    /// <summary>Lines that will be written and added: with many rows they come from memory, and the kernel's time hides that.</summary>
    private static void PrefetchOutput(ProductJob* job, int tile, int first, int rows)
    {
        if (!Sse.IsSupported || job->RowCount < 2 * RowGroups.MaxRows)
            return;
        for (int row = 0; row < rows; row++)
        {
            long at = ((long)(first + row) * job->Weight->Rows) + (tile * TileOutputs);
            Sse.Prefetch0((float*)job->Output + at);
            Sse.Prefetch0((float*)job->Output + at + Lanes);
            if (job->Addend is null)
                continue;
            Sse.Prefetch0(job->Addend + at);
            Sse.Prefetch0(job->Addend + at + Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteOutput(ProductJob* job, int tile, int first, int rows, float* result)
    {
        int outputs = job->Weight->Rows, column = tile * TileOutputs, count = Math.Min(TileOutputs, outputs - column);
        float* bias = job->Weight->Bias is null ? null : job->Weight->Bias + column;
        for (int row = 0; row < rows; row++, result += TileOutputs)
        {
            long at = ((long)(first + row) * outputs) + column;
            float* to = (float*)job->Output + at, add = job->Addend is null ? null : job->Addend + at;
            int i = 0;
            for (; i + Lanes <= count; i += Lanes)
            {
                Vector512<float> value = Vector512.Load(result + i);
                if (bias is not null)
                    value += Vector512.Load(bias + i);
                if (add is not null)
                    value += Vector512.Load(add + i);
                value.Store(to + i);
            }
            for (; i < count; i++)
                to[i] = result[i] + (bias is null ? 0 : bias[i]) + (add is null ? 0 : add[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void RunGateUp(ProductJob* job, int fromUnit, int toUnit, int firstGroup, int endGroup)
    {
        byte* space = stackalloc byte[(RowGroups.MaxRows * (TileOutputs + MaxBlockSize) * sizeof(float)) + Alignment];
        float* result = Align(space), values = result + (RowGroups.MaxRows * TileOutputs);
        int width = job->Weight->Rows / 2, size = job->OutputFormat.BlockSize;
        RowGroups groups = job->Groups;
        for (int unit = fromUnit; unit < toUnit; unit++)
            for (int group = firstGroup; group < endGroup; group++)
            {
                int first = groups.First(group), rows = groups.Size(group);
                for (int i = 0; i < job->UnitTiles; i++)
                {
                    int tile = (unit * job->UnitTiles) + i;
                    if (tile < job->Weight->TileCount)
                        Multiply(job, tile, first, rows, result);
                    else
                        new Span<float>(result, rows * TileOutputs).Clear();
                    Activate(job->Weight, tile, rows, result, values + (i * Lanes), size);
                }
                byte* to = ActivationQuantizer.BlockAt((byte*)job->Output, job->OutputFormat, width, first, rows, unit);
                for (int row = 0; row < rows; row++)
                    ActivationQuantizer.WriteBlock(values + (row * size), job->OutputFormat, to, rows, row);
            }
    }

    /// <summary>SiLU(gate) × up of a tile's 16 pairs, into each row's block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Activate(PackedWeight* weight, int tile, int rows, float* result, float* values, int stride)
    {
        Vector512<float> gateBias = default, upBias = default;
        if (weight->Bias is not null && tile < weight->TileCount)
        {
            gateBias = Vector512.Load(weight->Bias + (tile * TileOutputs));
            upBias = Vector512.Load(weight->Bias + (tile * TileOutputs) + Lanes);
        }
        for (int row = 0; row < rows; row++, result += TileOutputs, values += stride)
            (Silu.Of(Vector512.Load(result) + gateBias) * (Vector512.Load(result + Lanes) + upBias)).Store(values);
    }

    private static float* Align(byte* space) => (float*)(((nint)space + Alignment - 1) & ~(nint)(Alignment - 1));
}
