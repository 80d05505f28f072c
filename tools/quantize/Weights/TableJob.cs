using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Weights;

/// <summary>Stores a table that is computed, not read: the cosines and sines of rotary positions.</summary>
/// <param name="tensor">Where; two dimensions.</param>
/// <param name="fillRow">Computes one row.</param>
internal sealed class TableJob(StoredTensor tensor, TableJob.FillRow fillRow) : WeightJob(tensor.Name, -1)
{
    private readonly int _columns = (int)tensor.Dims[1];

    /// <summary>Computes a row of a table.</summary>
    public delegate void FillRow(long row, Span<float> values);

    public override long ElementCount => tensor.Dims[0] * _columns;

    public override int PartCount => Parts(tensor.Dims[0], _columns);

    public override void Write(int part, DataFile file)
    {
        ElementType type = tensor.Type.Floats();
        int step = RowsPerPart(_columns), size = type.Size();
        long first = (long)part * step;
        int count = (int)Math.Min(step, tensor.Dims[0] - first);
        float[] values = new float[count * _columns];
        for (int row = 0; row < count; row++)
            fillRow(first + row, values.AsSpan(row * _columns, _columns));
        byte[] bytes = new byte[values.Length * size];
        type.FromFloats(values, bytes);
        file.Write(tensor, first * _columns * size, bytes);
    }
}
