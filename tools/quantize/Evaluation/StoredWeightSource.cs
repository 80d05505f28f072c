using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Quantization;
using LocalInference.Quantize.Weights;
using Microsoft.Win32.SafeHandles;

namespace LocalInference.Quantize.Evaluation;

/// <summary>
/// A checkpoint as its folder stores it: quantised matrices are read back from the data file block by block, all else comes from the
/// checkpoint. So a model that does not fit into memory can still be measured.
/// </summary>
internal sealed class StoredWeightSource : IWeightSource, IDisposable
{
    private readonly IWeightSource _original;
    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, Part> _parts = [];

    /// <param name="original">The checkpoint.</param>
    /// <param name="jobs">What was quantised. Of a tensor that was stored twice, looked up and multiplied by, the last counts.</param>
    /// <param name="dataPath">The folder's data file.</param>
    public StoredWeightSource(IWeightSource original, IEnumerable<QuantizedJob> jobs, string dataPath)
    {
        _original = original;
        _file = File.OpenHandle(dataPath);
        foreach (QuantizedJob job in jobs)
        {
            long first = 0;
            foreach (MatrixPart part in job.Matrix.Parts)
            {
                if (part.Tensor is { } tensor)
                    _parts[tensor] = new Part(job, first);
                first += part.Rows;
            }
        }
    }

    public string Description => _original.Description;

    public IReadOnlyCollection<string> Names => _original.Names;

    public IReadOnlyList<long>? ShapeOf(string name) => _original.ShapeOf(name);

    public ElementType TypeOf(string name) => _original.TypeOf(name);

    public string Locate(string name) => _original.Locate(name);

    public void Release() => _original.Release();

    public void Read(string name, MatrixBlock block, Span<float> values)
    {
        if (!_parts.TryGetValue(name, out Part? part))
        {
            _original.Read(name, block, values);
            return;
        }
        int columns = part.Job.Matrix.Columns;
        if (block.FirstColumn != 0 || block.ColumnCount != columns)
            throw new NotSupportedException("Rows are read whole: blocks are not cut.");
        var row = new QuantizedRow(part.Job.Format, columns);
        for (int i = 0; i < block.RowCount; i++)
        {
            part.Job.ReadBack(part.FirstRow + block.FirstRow + i, _file, row);
            row.Dequantize(values.Slice(i * columns, columns));
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A tensor's place in a matrix that was quantised.</summary>
    private sealed record Part(QuantizedJob Job, long FirstRow);
}
