using System.Numerics;

namespace LocalInference.Engine.Sampling;

/// <summary>Registers as wide as the runtime's own vectors: 256 bits on most processors, 128 on the rest.</summary>
internal readonly struct LanesNative : ILanes<Vector<double>>
{
    public static int Count => Vector<double>.Count;

    public static Vector<double> Create(double value) => Vector.Create(value);

    public static (Vector<double> First, Vector<double> Second) Widen(ref float source, int index)
    {
        Vector.Widen(Vector.LoadUnsafe(ref source, (nuint)index), out Vector<double> first, out Vector<double> second);
        return (first, second);
    }

    public static void Store(Vector<double> value, ref double target, int index) => value.StoreUnsafe(ref target, (nuint)index);

    public static Vector<double> Subtract(Vector<double> left, Vector<double> right) => left - right;

    public static Vector<double> MultiplyAdd(Vector<double> left, Vector<double> right, Vector<double> addend) =>
        Vector.FusedMultiplyAdd(left, right, addend);

    public static Vector<double> Scale(
        Vector<double> value, Vector<double> power, Vector<double> compared, Vector<double> least) =>
        Vector.ConditionalSelect(
            Vector.GreaterThanOrEqual(compared, least),
            Vector.AsVectorDouble(Vector.AsVectorInt64(value) + (Vector.AsVectorInt64(power) << Exponential.MantissaBits)),
            Vector<double>.Zero);
}
