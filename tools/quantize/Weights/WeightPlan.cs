using LocalInference.Quantize.Quantization;

namespace LocalInference.Quantize.Weights;

/// <summary>
/// All tensors of a graph with their places in the data file, and the jobs that make them. Nothing is read or written by planning.
/// </summary>
/// <param name="method">How matrices are quantised.</param>
internal sealed class WeightPlan(IQuantizationMethod method)
{
    // Large tensors start at a page, so that they can be mapped; small ones at a cache line.
    private const long PageBytes = 4096;
    private const long LineBytes = 64;
    private const long LargeBytes = 1 << 20;

    private readonly List<WeightJob> _jobs = [];

    public IReadOnlyList<WeightJob> Jobs => _jobs;

    public List<StoredTensor> Tensors { get; } = [];

    /// <summary>Bytes of the data file.</summary>
    public long Length { get; private set; }

    /// <summary>Stores a matrix as floats; a transposed one as [columns, rows].</summary>
    public StoredTensor AddFloats(string name, WeightMatrix matrix, StoredType type, int group, bool isTransposed = false)
    {
        StoredTensor tensor = Place(name, type, isTransposed ? [matrix.Columns, matrix.Rows] : [matrix.Rows, matrix.Columns]);
        _jobs.Add(new FloatJob(matrix, tensor, isTransposed, group));
        return tensor;
    }

    /// <summary>Stores a vector.</summary>
    public StoredTensor AddVector(string name, WeightMatrix vector, StoredType type, int group)
    {
        StoredTensor tensor = Place(name, type, [vector.ElementCount]);
        _jobs.Add(new FloatJob(vector, tensor, isTransposed: false, group));
        return tensor;
    }

    /// <summary>Stores a matrix in blocks, under the names that the official exporter gives.</summary>
    public QuantizedTensors AddQuantized(string name, WeightMatrix matrix, BlockFormat format, StoredType scaleType, int group)
    {
        int blocks = format.BlockCount(matrix.Columns);
        var tensors = new QuantizedTensors(
            format,
            Place($"{name}_Q{format.Bits}", StoredType.UInt8, [matrix.Rows, blocks, format.BlockBytes]),
            Place($"{name}_scales", scaleType, [matrix.Rows, blocks]),
            format.IsSymmetric ? null : Place($"{name}_zero_points", StoredType.UInt8,
                [matrix.Rows, format.ZeroPointBytes(matrix.Columns)]));
        _jobs.Add(new QuantizedJob(matrix, tensors, group, method));
        return tensors;
    }

    /// <summary>Stores a computed table.</summary>
    public StoredTensor AddTable(string name, StoredType type, long rows, long columns, TableJob.FillRow fillRow)
    {
        StoredTensor tensor = Place(name, type, [rows, columns]);
        _jobs.Add(new TableJob(tensor, fillRow));
        return tensor;
    }

    private StoredTensor Place(string name, StoredType type, long[] dims)
    {
        var tensor = new StoredTensor(name, type, dims, 0);
        long alignment = tensor.Length >= LargeBytes ? PageBytes : LineBytes;
        tensor = tensor with { Offset = (Length + alignment - 1) / alignment * alignment };
        Length = tensor.Offset + tensor.Length;
        Tensors.Add(tensor);
        return tensor;
    }
}
