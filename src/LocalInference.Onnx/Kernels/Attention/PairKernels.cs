using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>The assembled products of attention over pairs of 16 bits, and the table through which tasks find them. Must outlive every call.</summary>
internal sealed unsafe class PairKernels : IDisposable
{
    private readonly ExecutablePages _pages;

    private PairKernels(ExecutablePages pages)
    {
        _pages = pages;
        Table = (nint*)NativeMemory.Alloc((nuint)pages.Entries.Count, (nuint)sizeof(nint));
        for (int i = 0; i < pages.Entries.Count; i++)
            Table[i] = pages.Entries[i];
    }

    /// <summary>Kernels that overwrite, by rows less 1; then those that carry.</summary>
    public nint* Table { get; private set; }

    /// <summary>Assembles them.</summary>
    /// <param name="path">What matrix products are computed with.</param>
    /// <param name="type">What the cache keeps.</param>
    /// <returns>
    /// Null where that is another path than <see cref="KernelPath.Avx512Vnni"/>, the processor has no such instruction, or the system refuses executable pages:
    /// C# does the same then, of bfloat16 with queries and weights that keep 32 bits.
    /// </returns>
    public static PairKernels? TryMake(KernelPath path, KvType type)
    {
        if (path != KernelPath.Avx512Vnni || type == KvType.Float32 || (type == KvType.Bfloat16 && !KernelPaths.HasBFloat16Products))
            return null;
        var kernels = new List<byte[]>();
        foreach (bool carries in (bool[])[false, true])
            for (int rows = 1; rows <= PairKernel.MaxRows; rows++)
                kernels.Add(PairKernel.Assemble(rows, carries, type));
        return ExecutablePages.TryMake(kernels) is { } pages ? new PairKernels(pages) : null;
    }

    /// <summary>C = A × B (+ C × carry), as <see cref="SmallProduct{TVector, TLanes, TTerms}"/>: rows in near-equal passes.</summary>
    /// <param name="memory">Knows the kernels, and what a pair of B takes.</param>
    /// <param name="a">[rows, depth] pairs.</param>
    /// <param name="b">[depth, width] pairs.</param>
    /// <param name="c">[rows, width].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Pairs of a row.</param>
    /// <param name="width">Columns of B and C; a multiple of 16.</param>
    /// <param name="scales">What each row of A stands for; not read for bfloat16.</param>
    /// <param name="carry">What each row of C is multiplied by first; null when C is overwritten.</param>
    public static void Run(AttentionMemory* memory, Rows a, Rows b, Rows c, int rows, int depth, int width, float* scales, float* carry)
    {
        int passes = (rows + PairKernel.MaxRows - 1) / PairKernel.MaxRows;
        for (int pass = 0; pass < passes; pass++)
        {
            int first = rows * pass / passes, count = (rows * (pass + 1) / passes) - first;
            var job = new PairJob
            {
                Left = a.At(first),
                LeftStride = a.Stride * sizeof(int),
                Right = b.Start,
                RightStride = b.Stride * memory->LaneBytes,
                Ahead = (byte*)b.Start + (pass == 0 ? b.AheadBytes : 0),
                Result = c.At(first),
                ResultStride = c.Stride * sizeof(float),
                Depth = depth,
                WidthBytes = width * sizeof(float),
                Scales = scales + first,
                Carries = carry + first,
            };
            ((delegate* unmanaged<PairJob*, void>)memory->PairKernels[count - 1 + (carry is null ? 0 : PairKernel.MaxRows)])(&job);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pages.Dispose();
        NativeMemory.Free(Table);
        Table = null;
    }
}
