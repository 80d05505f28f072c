using System.Runtime.Intrinsics.X86;

namespace LocalInference.Onnx.Kernels;

/// <summary>A core's first-level data cache.</summary>
internal static class FirstLevelCache
{
    /// <summary>From this size on there is room for what will be read next beside what is read now; what to do follows from it in each kernel.</summary>
    public const int RoomyBytes = 48 * 1024;

    /// <summary>What is assumed where the processor does not tell: the smallest among those that kernels are assembled for.</summary>
    private const int LeastBytes = 32 * 1024;

    // Both leaves describe one cache after the other in the same form; the first is the first level's for data.
    private const int IntelLeaf = 4;
    private const int AmdLeaf = unchecked((int)0x8000001D);
    private const int TypeMask = 0x1F;
    private const int DataType = 1;

    /// <summary>Its size.</summary>
    public static int Bytes { get; } = X86Base.IsSupported ? Math.Max(LeastBytes, Math.Max(Read(IntelLeaf), Read(AmdLeaf))) : LeastBytes;

    /// <summary>Ways × partitions × bytes of a line × sets, each told less one; 0 where the leaf tells nothing.</summary>
    private static int Read(int leaf)
    {
        int range = leaf & unchecked((int)0x80000000);
        if ((uint)X86Base.CpuId(range, 0).Eax < (uint)leaf)
            return 0;
        (int type, int shape, int sets, _) = X86Base.CpuId(leaf, 0);
        return (type & TypeMask) != DataType ? 0 : ((shape >> 22 & 0x3FF) + 1) * ((shape >> 12 & 0x3FF) + 1) * ((shape & 0xFFF) + 1) * (sets + 1);
    }
}
