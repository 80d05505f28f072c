using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Weights;

/// <summary>
/// A matrix of a model's graph, made of one tensor or of several below each other (packed q, k and v). A vector is one column.
/// </summary>
/// <param name="Source">Where the tensors lie.</param>
/// <param name="Parts">Tensors in order; a name of null stands for zeros.</param>
/// <param name="Columns">Inputs.</param>
internal sealed record WeightMatrix(IWeightSource Source, IReadOnlyList<MatrixPart> Parts, int Columns)
{
    /// <summary>Outputs.</summary>
    public long Rows { get; } = Parts.Sum(p => p.Rows);

    public long ElementCount => Rows * Columns;

    /// <summary>The checkpoint's name, or names joined.</summary>
    public string Name => string.Join(" | ", Parts.Where(p => p.Tensor is not null).Select(p => p.Tensor));

    /// <summary>The error for a value that fp16 would make infinite.</summary>
    public QuantizeException BeyondHalf(float value, string advice) =>
        new($"{Source.Locate(Name)} holds {value}, which fp16 cannot (its largest number is 65504). {advice}.");

    /// <summary>Reads a block, row by row.</summary>
    public void Read(MatrixBlock block, Span<float> values)
    {
        long from = block.FirstRow, end = from + block.RowCount, partStart = 0;
        foreach (MatrixPart part in Parts)
        {
            long first = Math.Max(from, partStart), last = Math.Min(end, partStart + part.Rows);
            if (first < last)
            {
                Span<float> room = values.Slice((int)(first - from) * block.ColumnCount, (int)(last - first) * block.ColumnCount);
                if (part.Tensor is null)
                    room.Clear();
                else
                    Source.Read(part.Tensor, block with { FirstRow = first - partStart, RowCount = (int)(last - first) }, room);
            }
            partStart += part.Rows;
        }
    }
}

/// <summary>A tensor's place in a matrix.</summary>
/// <param name="Tensor">The checkpoint's name; null for zeros.</param>
/// <param name="Rows">Its rows.</param>
internal readonly record struct MatrixPart(string? Tensor, long Rows);
