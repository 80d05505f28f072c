namespace LocalInference.Engine.Sampling;

/// <summary>
/// One width of registers that hold doubles, so that the weights' kernel is written once. Implementations are empty structs: the compiler
/// specialises the kernel for each. Every operation is exact or rounded once in each lane, so that all widths give the same bits.
/// </summary>
/// <typeparam name="TVector">The register.</typeparam>
internal interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Doubles in a register.</summary>
    static abstract int Count { get; }

    /// <summary>All lanes alike.</summary>
    static abstract TVector Create(double value);

    /// <summary>Two registers of floats, as doubles.</summary>
    static abstract (TVector First, TVector Second) Widen(ref float source, int index);

    /// <summary>Writes all lanes.</summary>
    static abstract void Store(TVector value, ref double target, int index);

    static abstract TVector Subtract(TVector left, TVector right);

    /// <summary>left × right + addend, rounded once: in software, which is slow, where a processor has no such instruction.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>
    /// The value with the whole number in the lowest bits of <paramref name="power"/> added to its binary exponent, or 0 where
    /// <paramref name="compared"/> is below <paramref name="least"/>.
    /// </summary>
    static abstract TVector Scale(TVector value, TVector power, TVector compared, TVector least);
}
