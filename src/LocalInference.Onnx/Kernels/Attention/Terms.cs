using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// What a lane of 32 bits is to a <see cref="SmallProduct{TVector, TLanes, TTerms}"/>. Implementations are empty structs, as those of <see cref="ILanes{TVector}"/>.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ITerms<TVector>
    where TVector : unmanaged
{
    /// <summary>Bytes of a lane of the right matrix.</summary>
    static abstract int RightBytes { get; }

    /// <summary>Lanes of the right matrix.</summary>
    static abstract TVector Load(byte* from);

    /// <summary>sum + left · right, lane by lane.</summary>
    static abstract TVector Add(TVector left, TVector right, TVector sum);

    /// <summary>A whole sum as floats.</summary>
    /// <param name="sum">From <see cref="Add"/>.</param>
    /// <param name="scale">What a row of the left matrix stands for, where its elements are integers.</param>
    static abstract TVector Finish(TVector sum, float scale);
}

/// <summary>One float: every sum is a chain of multiply-adds along the depth.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal readonly unsafe struct FloatTerms<TVector, TLanes> : ITerms<TVector>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <inheritdoc/>
    public static int RightBytes => sizeof(float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* from) => TLanes.Load((float*)from);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector left, TVector right, TVector sum) => TLanes.MultiplyAdd(left, right, sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Finish(TVector sum, float scale) => sum;
}

/// <summary>
/// Two integers of 16 bits, consecutive along the depth: one instruction multiplies both and adds them up, twice the speed of floats. Sums are exact as long
/// as they fit 32 bits, which <see cref="IntegerRow.Limit(int)"/> sees to.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal readonly unsafe struct IntegerPairTerms<TVector, TLanes> : ITerms<TVector>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <inheritdoc/>
    public static int RightBytes => sizeof(int);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* from) => TLanes.Load((float*)from);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector left, TVector right, TVector sum) => TLanes.AddPairs(left, right, sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Finish(TVector sum, float scale) => TLanes.Multiply(TLanes.ToFloat(sum), TLanes.Broadcast(scale));
}

/// <summary>The same where the right matrix holds bytes, which become integers of 16 bits as they are loaded.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal readonly unsafe struct BytePairTerms<TVector, TLanes> : ITerms<TVector>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <inheritdoc/>
    public static int RightBytes => sizeof(short);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(byte* from) => TLanes.LoadBytePairs(from);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector left, TVector right, TVector sum) => IntegerPairTerms<TVector, TLanes>.Add(left, right, sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Finish(TVector sum, float scale) => IntegerPairTerms<TVector, TLanes>.Finish(sum, scale);
}
