namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>How rows are shared out to kernel calls: near-equal groups of at most 16, a function of their number alone.</summary>
/// <param name="RowCount">Rows of the step.</param>
internal readonly record struct RowGroups(int RowCount)
{
    /// <summary>Rows that one kernel call takes at most: more would not fit into the registers' rhythm and gained nothing when measured.</summary>
    public const int MaxRows = 16;

    public int Count => (RowCount + MaxRows - 1) / MaxRows;

    /// <summary>A group's first row.</summary>
    public int First(int group) => (int)((long)RowCount * group / Count);

    /// <summary>A group's rows, 1 to 16.</summary>
    public int Size(int group) => First(group + 1) - First(group);
}
