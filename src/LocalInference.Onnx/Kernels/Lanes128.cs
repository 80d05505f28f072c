using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Onnx.Kernels;

/// <summary>Four floats: every processor (NEON, SSE, or software).</summary>
internal readonly unsafe struct Lanes128 : ILanes<Vector128<float>>
{
    /// <inheritdoc/>
    public static int Width => Vector128<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* from) => Vector128.Load(from);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* to) => value.Store(to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> left, Vector128<float> right) => left - right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) =>
        Vector128.MultiplyAddEstimate(left, right, addend);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> left, Vector128<float> right) => Vector128.MaxNative(left, right);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Vector128<float> value) => Across.Max(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumAcross(Vector128<float> value) => Across.Sum(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<float> Whole, Vector128<float> Power) SplitPower(Vector128<float> value)
    {
        Vector128<float> shifted = value + Vector128.Create(Exponential.RoundingShift);
        return (
            shifted - Vector128.Create(Exponential.RoundingShift),
            (Vector128.ShiftLeft(shifted.AsInt32(), Exponential.MantissaBits) + Vector128.Create(Exponential.One)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<float> First, Vector128<float> Second) LoadBFloat16Pairs(byte* from)
    {
        Vector128<uint> pairs = Vector128.Load((uint*)from);
        return (Vector128.ShiftLeft(pairs, 16).AsSingle(), (pairs & Vector128.Create(0xFFFF0000)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<float> First, Vector128<float> Second) LoadInt16Pairs(byte* from)
    {
        Vector128<int> pairs = Vector128.Load((int*)from);
        return (
            Vector128.ConvertToSingle(Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pairs, 16), 16)),
            Vector128.ConvertToSingle(Vector128.ShiftRightArithmetic(pairs, 16)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadOfQuad(byte* from, int index)
    {
        Vector128<int> quads = Vector128.Load((int*)from);
        return Vector128.ConvertToSingle(Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(quads, 24 - (8 * index)), 24));
    }
}
