namespace LocalInference.Onnx.Kernels;

/// <summary>
/// One vector width, so that each kernel is written once. Implementations are empty structs: the compiler specialises the kernel for each and nothing is
/// dispatched at run time. A width divides 16.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    static abstract TVector Load(float* from);

    static abstract void Store(TVector value, float* to);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left × right + addend, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    static abstract TVector Max(TVector left, TVector right);

    static abstract float MaxAcross(TVector value);

    static abstract float SumAcross(TVector value);

    /// <summary>The nearest whole number, for values within ±2²², as float and shifted into a float's exponent.</summary>
    static abstract (TVector Whole, TVector Power) SplitPower(TVector value);

    /// <summary>Lanes of two bfloat16 each: all first ones, then all second ones.</summary>
    static abstract (TVector First, TVector Second) LoadBFloat16Pairs(byte* from);

    /// <summary>Lanes of two signed bytes each, as two integers of 16 bits each.</summary>
    static abstract TVector LoadBytePairs(byte* from);

    /// <summary>sum + left · right: all three hold integers, the factors two of 16 bits in each lane, the sum one of 32.</summary>
    static abstract TVector AddPairs(TVector left, TVector right, TVector sum);

    /// <summary>Lanes of integers as floats.</summary>
    static abstract TVector ToFloat(TVector integers);
}
