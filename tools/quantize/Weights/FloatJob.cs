using System.Buffers;
using System.Runtime.InteropServices;
using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Weights;

/// <summary>Stores a matrix in fp32 or fp16, as it is or transposed (<c>MatMul</c> wants inputs as rows).</summary>
/// <param name="matrix">What.</param>
/// <param name="tensor">Where.</param>
/// <param name="isTransposed">Whether the tensor is [columns, rows].</param>
/// <param name="group">See <see cref="WeightJob.Group"/>.</param>
internal sealed class FloatJob(WeightMatrix matrix, StoredTensor tensor, bool isTransposed, int group) : WeightJob(tensor.Name, group)
{
    public override long ElementCount => matrix.ElementCount;

    // A part writes whole rows of the stored tensor: rows of the matrix, or bands of its columns.
    public override int PartCount => isTransposed ? Parts(matrix.Columns, (int)matrix.Rows) : Parts(matrix.Rows, matrix.Columns);

    public override void Write(int part, DataFile file)
    {
        int size = tensor.Type.Size(), width = isTransposed ? (int)matrix.Rows : matrix.Columns, step = RowsPerPart(width);
        long total = isTransposed ? matrix.Columns : matrix.Rows, first = (long)part * step;
        int count = (int)Math.Min(step, total - first);
        float[] values = ArrayPool<float>.Shared.Rent(count * width);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(count * width * size);
        try
        {
            Span<float> block = values.AsSpan(0, count * width);
            Read((int)first, count, block);
            Store(block, bytes);
            file.Write(tensor, first * width * size, bytes.AsSpan(0, count * width * size));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Read(int first, int count, Span<float> block)
    {
        if (!isTransposed)
        {
            matrix.Read(new MatrixBlock(first, count, 0, matrix.Columns), block);
            return;
        }
        int rows = (int)matrix.Rows;
        float[] read = ArrayPool<float>.Shared.Rent(rows * count);
        matrix.Read(new MatrixBlock(0, rows, first, count), read.AsSpan(0, rows * count));
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < count; column++)
                block[(column * rows) + row] = read[(row * count) + column];
        ArrayPool<float>.Shared.Return(read);
    }

    private void Store(ReadOnlySpan<float> block, Span<byte> bytes)
    {
        ElementType type = tensor.Type.Floats();
        type.FromFloats(block, bytes[..(block.Length * type.Size())]);
        if (type != ElementType.Float16)
            return;
        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes[..(block.Length * 2)]);
        for (int i = 0; i < halves.Length; i++)
            if (Half.IsInfinity(halves[i]))
                throw matrix.BeyondHalf(block[i], "Use --bits 32, or --activations fp32");
    }
}
