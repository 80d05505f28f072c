namespace LocalInference.Onnx.Kernels;

/// <summary>Where up to six rows of A and C begin; those that are missing are the last one again, computed twice to the same bits.</summary>
internal readonly unsafe struct SixRows
{
    /// <summary>Looks them up.</summary>
    /// <param name="a">At least as many rows as there are.</param>
    /// <param name="c">The same.</param>
    /// <param name="rows">1 to 6.</param>
    public SixRows(Rows a, Rows c, int rows)
    {
        int last = rows - 1;
        (Index1, Index2, Index3, Index4, Index5) = (Math.Min(1, last), Math.Min(2, last), Math.Min(3, last), Math.Min(4, last), Math.Min(5, last));
        A0 = a.Start;
        A1 = a.At(Index1);
        A2 = a.At(Index2);
        A3 = a.At(Index3);
        A4 = a.At(Index4);
        A5 = a.At(Index5);
        C0 = c.Start;
        C1 = c.At(Index1);
        C2 = c.At(Index2);
        C3 = c.At(Index3);
        C4 = c.At(Index4);
        C5 = c.At(Index5);
    }

    public int Index1 { get; }

    public int Index2 { get; }

    public int Index3 { get; }

    public int Index4 { get; }

    public int Index5 { get; }

    public float* A0 { get; }

    public float* A1 { get; }

    public float* A2 { get; }

    public float* A3 { get; }

    public float* A4 { get; }

    public float* A5 { get; }

    public float* C0 { get; }

    public float* C1 { get; }

    public float* C2 { get; }

    public float* C3 { get; }

    public float* C4 { get; }

    public float* C5 { get; }
}
