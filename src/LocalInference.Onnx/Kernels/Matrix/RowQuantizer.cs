using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>One call of <see cref="RowQuantizer"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct QuantizeJob
{
    /// <summary>[rows][columns].</summary>
    public float* Input;

    /// <summary>Factors of a norm that comes first; null for none.</summary>
    public float* Gamma;

    /// <summary>The stream of all groups.</summary>
    public byte* Output;

    /// <summary>How the work is shared out.</summary>
    public RowTasks Tasks;

    public ActivationFormat Format;
    public int Columns;
    public float Epsilon;

    /// <summary>Set by a task that threw.</summary>
    public int Failed;
}

/// <summary>Writes rows as int8 for a quantised product (<see cref="ActivationFormat"/>), normalised first where a norm stands in front of it.</summary>
internal static unsafe class RowQuantizer
{
    private const int Lanes = 16;
    private const int MaxBlockSize = 256;

    /// <summary>Quantises all rows.</summary>
    /// <returns>A status; null is success.</returns>
    public static void* Run(void* context, QuantizeJob* job)
    {
        if (job->Tasks.Groups.RowCount == 0)
            return null;
        if (job->Tasks.IsShared)
        {
            void* status = OrtFunctions.ParallelFor(context, &Task, (nuint)job->Tasks.Count, 0, job);
            if (status is not null)
                return status;
        }
        else
            for (int task = 0; task < job->Tasks.Count; task++)
                RunTask(job, task);
        return Volatile.Read(ref job->Failed) == 0 ? null : OrtFunctions.Fail("Quantising rows failed inside a task.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Task(void* state, nuint index)
    {
        var job = (QuantizeJob*)state;
        try
        {
            RunTask(job, (int)index);
        }
        catch
        {
            Volatile.Write(ref job->Failed, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void RunTask(QuantizeJob* job, int task)
    {
        (int group, int firstBlock, int endBlock) = job->Tasks[task];
        int first = job->Tasks.Groups.First(group), rows = job->Tasks.Groups.Size(group), size = job->Format.BlockSize;
        float* block = stackalloc float[MaxBlockSize];
        for (int row = 0; row < rows; row++)
        {
            float* input = job->Input + ((long)(first + row) * job->Columns);
            float scale = job->Gamma is null ? 1 : InverseRoot(input, job->Columns, job->Epsilon);
            for (int b = firstBlock; b < endBlock; b++)
            {
                int valid = Math.Min(size, job->Columns - (b * size));
                float* values = input + (b * size);
                if (job->Gamma is not null || valid < size)
                {
                    Prepare(values, job->Gamma is null ? null : job->Gamma + (b * size), scale, valid, size, block);
                    values = block;
                }
                byte* to = ActivationQuantizer.BlockAt(job->Output, job->Format, job->Columns, first, rows, b);
                ActivationQuantizer.WriteBlock(values, job->Format, to, rows, row);
            }
        }
    }

    /// <summary>A block's values, normalised where there are factors, and zeros behind the row's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prepare(float* from, float* gamma, float scale, int valid, int size, float* to)
    {
        int i = 0;
        if (gamma is not null)
        {
            var factor = Vector512.Create(scale);
            for (; i + Lanes <= valid; i += Lanes)
                (Vector512.Load(from + i) * factor * Vector512.Load(gamma + i)).Store(to + i);
        }
        for (; i < valid; i++)
            to[i] = gamma is null ? from[i] : from[i] * scale * gamma[i];
        for (; i < size; i++)
            to[i] = 0;
    }

    /// <summary>1 / √(mean of squares + ε). Added up in an order that is the same on every processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float InverseRoot(float* row, int columns, float epsilon)
    {
        Vector512<float> even = default, odd = default;
        int i = 0;
        for (; i + (2 * Lanes) <= columns; i += 2 * Lanes)
        {
            Vector512<float> left = Vector512.Load(row + i), right = Vector512.Load(row + i + Lanes);
            even = Vector512.FusedMultiplyAdd(left, left, even);
            odd = Vector512.FusedMultiplyAdd(right, right, odd);
        }
        even += odd;
        Vector256<float> eight = even.GetLower() + even.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        float sum = four[0] + four[1] + (four[2] + four[3]);
        for (; i < columns; i++)
            sum = MathF.FusedMultiplyAdd(row[i], row[i], sum);
        return 1 / MathF.Sqrt((sum / columns) + epsilon);
    }
}
