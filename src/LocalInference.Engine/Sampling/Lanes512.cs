using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Engine.Sampling;

/// <summary>Registers of 512 bits.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<double>>
{
    public static int Count => Vector512<double>.Count;

    public static Vector512<double> Create(double value) => Vector512.Create(value);

    public static (Vector512<double> First, Vector512<double> Second) Widen(ref float source, int index) =>
        (Widen(ref Unsafe.Add(ref source, index)), Widen(ref Unsafe.Add(ref source, index + Count)));

    public static void Store(Vector512<double> value, ref double target, int index) => value.StoreUnsafe(ref target, (nuint)index);

    public static Vector512<double> Subtract(Vector512<double> left, Vector512<double> right) => left - right;

    public static Vector512<double> MultiplyAdd(Vector512<double> left, Vector512<double> right, Vector512<double> addend) =>
        Vector512.FusedMultiplyAdd(left, right, addend);

    // Chosen among whole numbers, so that one masked instruction adds and chooses.
    public static Vector512<double> Scale(
        Vector512<double> value, Vector512<double> power, Vector512<double> compared, Vector512<double> least) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(compared, least).AsInt64(),
            value.AsInt64() + (power.AsInt64() << Exponential.MantissaBits),
            Vector512<long>.Zero).AsDouble();

    private static Vector512<double> Widen(ref float source) => Vector512.WidenLower(Vector256.LoadUnsafe(ref source).ToVector512Unsafe());
}
