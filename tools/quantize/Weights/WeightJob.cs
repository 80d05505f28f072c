namespace LocalInference.Quantize.Weights;

/// <summary>Makes one or a few stored tensors, in parts that any core may do in any order.</summary>
/// <param name="name">For progress and messages.</param>
/// <param name="group">What is made together: layers from 0 on, -1 before them, the layer count behind them.</param>
internal abstract class WeightJob(string name, int group)
{
    /// <summary>Elements of a part, roughly: some megabytes, so that a few of them fit a cache and all cores have work.</summary>
    public const int PartElements = 1 << 18;

    public string Name => name;

    public int Group => group;

    /// <summary>Weights in all; what progress is counted in.</summary>
    public abstract long ElementCount { get; }

    public abstract int PartCount { get; }

    public abstract void Write(int part, DataFile file);

    /// <summary>Rows of a part of a matrix.</summary>
    protected static int RowsPerPart(int columns) => Math.Max(1, PartElements / columns);

    protected static int Parts(long rows, int columns) => (int)((rows + RowsPerPart(columns) - 1) / RowsPerPart(columns));
}
