namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// How quantising rows is shared out. A task owns some blocks of one group of rows: rows of a group lie in the same cache lines, so no two threads write one.
/// </summary>
internal readonly struct RowTasks
{
    /// <summary>Fewer rows than this are quicker done than shared: 15 take 6 µs, and handing over to a processor with a cache of its own takes as long.</summary>
    private const int LeastRows = 16;

    /// <param name="rows">Rows of the step.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="threads">Threads of the session.</param>
    public RowTasks(int rows, int blocks, int threads)
    {
        Groups = new RowGroups(rows);
        Blocks = blocks;
        Parts = rows < LeastRows || Groups.Count >= 2 * threads ? 1 : Math.Min(threads, blocks);
        IsShared = rows >= LeastRows;
    }

    public RowGroups Groups { get; }

    /// <summary>Blocks of a row.</summary>
    public int Blocks { get; }

    /// <summary>Parts that a row is cut into.</summary>
    public int Parts { get; }

    /// <summary>Whether threads share the work.</summary>
    public bool IsShared { get; }

    public int Count => Groups.Count * Parts;

    /// <summary>A task's group and range of blocks.</summary>
    public (int Group, int FirstBlock, int EndBlock) this[int task]
    {
        get
        {
            (int part, int group) = Math.DivRem(task, Groups.Count);
            return (group, Blocks * part / Parts, Blocks * (part + 1) / Parts);
        }
    }
}
