using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>What two elements of 16 bits in a lane are. Implementations are empty structs, as those of <see cref="ILanes{TVector}"/>.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface IPairs<TVector>
    where TVector : unmanaged
{
    /// <summary>All first elements of a vector of lanes, then all second ones, as floats.</summary>
    static abstract (TVector First, TVector Second) Load(byte* from);
}

/// <summary>Two bfloat16.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal readonly unsafe struct BFloat16Pairs<TVector, TLanes> : IPairs<TVector>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Load(byte* from) => TLanes.LoadBFloat16Pairs(from);
}

/// <summary>Two signed integers.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal readonly unsafe struct Int16Pairs<TVector, TLanes> : IPairs<TVector>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Load(byte* from) => TLanes.LoadInt16Pairs(from);
}
