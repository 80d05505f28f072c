using System.Runtime.InteropServices;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>One call of a quantised product: where everything lies, and how the work is shared out.</summary>
/// <remarks>
/// The unit of work is one tile (or as many as fill a block of the next product's input) with one group of rows. A task is a range of units, and where
/// the activations of all rows would not stay in a core's cache, a range of groups too:
/// <code>
///              units of outputs ─►
///  groups  │ task 0 │ task 1 │ task 2 │ …      Inside a task a tile stays in the first-level cache while its groups pass.
///    │     ├────────┼────────┼────────┤
///    ▼     │ task n │ …
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProductJob
{
    /// <summary>Activations that a task goes through, over and over, for each of its tiles: most of a second-level cache.</summary>
    private const int ActivationBytes = 768 * 1024;

    private const int MaxGroupsAtOnce = 8;

    // More tasks level out what disturbs one thread; below 16 rows a task would be too short for its own cost.
    private const int TasksPerThread = 16;
    private const int TasksPerThreadFewRows = 4;
    private const int FewRows = 16;

    public PackedWeight* Weight;
    public byte* Activations;

    /// <summary>Added to the product, [rows][outputs]; null for none.</summary>
    public float* Addend;

    /// <summary>[rows][outputs]; of <see cref="ProductKind.GateUp"/> the quantised stream.</summary>
    public void* Output;

    /// <summary>Of <see cref="ProductKind.GateUp"/>: how the output is quantised.</summary>
    public ActivationFormat OutputFormat;

    public ProductKind Kind;
    public int RowCount;

    /// <summary>Tiles of a unit.</summary>
    public int UnitTiles;

    /// <summary>Units of the weight.</summary>
    public int UnitCount;

    /// <summary>Ranges of units.</summary>
    public int PartCount;

    /// <summary>Groups in a task.</summary>
    public int GroupsAtOnce;

    /// <summary>Set by a task that threw.</summary>
    public int Failed;

    public readonly RowGroups Groups => new(RowCount);

    public readonly int TaskCount => PartCount * ((Groups.Count + GroupsAtOnce - 1) / GroupsAtOnce);

    /// <summary>Decides how the work is shared out.</summary>
    public void Share(int threads)
    {
        UnitTiles = Kind == ProductKind.GateUp ? Math.Max(OutputFormat.BlockSize / WeightFormat.LineOutputs, 1) : 1;
        UnitCount = (Weight->TileCount + UnitTiles - 1) / UnitTiles;
        int groupBytes = RowGroups.MaxRows * Weight->Format.Activations.RowBytes(Weight->Columns);
        int atOnce = Math.Clamp(ActivationBytes / groupBytes, 1, MaxGroupsAtOnce), tasks = threads * (RowCount >= FewRows ? TasksPerThread : TasksPerThreadFewRows);
        GroupsAtOnce = Math.Max(1, Groups.Count);
        PartCount = Math.Min(UnitCount, tasks);
        if (Groups.Count <= atOnce)
            return;
        GroupsAtOnce = atOnce;
        PartCount = Math.Min(UnitCount, Math.Max(2, tasks / ((Groups.Count + atOnce - 1) / atOnce)));
    }
}

/// <summary>What happens to a product while it is still in the first-level cache.</summary>
internal enum ProductKind
{
    /// <summary>Bias and addend added, written as floats.</summary>
    Plain,

    /// <summary>SiLU(gate) × up, quantised for the next product.</summary>
    GateUp,
}
