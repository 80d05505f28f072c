using System.Runtime.Intrinsics;

namespace LocalInference.Engine.Sampling;

/// <summary>Registers of 512 bits.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<double>>
{
    public static int Count => Vector512<double>.Count;

    public static Vector512<double> Create(double value) => Vector512.Create(value);

    public static (Vector512<double> First, Vector512<double> Second) Widen(ref float source, int index) =>
        Vector512.Widen(Vector512.LoadUnsafe(ref source, (nuint)index));

    public static void Store(Vector512<double> value, ref double target, int index) => value.StoreUnsafe(ref target, (nuint)index);

    public static Vector512<double> Subtract(Vector512<double> left, Vector512<double> right) => left - right;

    public static Vector512<double> MultiplyAdd(Vector512<double> left, Vector512<double> right, Vector512<double> addend) =>
        Vector512.FusedMultiplyAdd(left, right, addend);

    public static Vector512<double> Scale(Vector512<double> value, Vector512<double> power) =>
        (value.AsInt64() + (power.AsInt64() << Exponential.MantissaBits)).AsDouble();

    public static Vector512<double> KeepAtLeast(Vector512<double> value, Vector512<double> compared, Vector512<double> least) =>
        Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(compared, least), value, Vector512<double>.Zero);
}
