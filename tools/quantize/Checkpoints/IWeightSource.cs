namespace LocalInference.Quantize.Checkpoints;

/// <summary>Named tensors of a model, readable in blocks: a checkpoint on disk, or one that is made up on the fly. Thread-safe.</summary>
internal interface IWeightSource
{
    /// <summary>Where the weights come from, for messages.</summary>
    string Description { get; }

    /// <summary>All tensors' names.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>A tensor's shape; null where there is none of that name.</summary>
    IReadOnlyList<long>? ShapeOf(string name);

    /// <summary>Elements of a tensor that is there.</summary>
    long ElementCount(string name) => ShapeOf(name)!.Aggregate(1L, (product, d) => product * d);

    /// <summary>How a tensor is stored.</summary>
    /// <exception cref="QuantizeException">In a type that is not known.</exception>
    ElementType TypeOf(string name);

    /// <summary>Where a tensor lies, for messages: file and tensor.</summary>
    string Locate(string name);

    /// <summary>Reads a block of a matrix (a vector is one column), row by row.</summary>
    /// <exception cref="QuantizeException">A value is not finite.</exception>
    void Read(string name, MatrixBlock block, Span<float> values);

    /// <summary>Lets go of memory that holds what was read so far; it can be read again.</summary>
    void Release();
}

/// <summary>A rectangle of a matrix.</summary>
/// <param name="FirstRow">From 0.</param>
/// <param name="RowCount">Rows.</param>
/// <param name="FirstColumn">From 0.</param>
/// <param name="ColumnCount">Columns.</param>
internal readonly record struct MatrixBlock(long FirstRow, int RowCount, int FirstColumn, int ColumnCount)
{
    public int ElementCount => RowCount * ColumnCount;
}
