using System.Buffers;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Quantization;
using Microsoft.Win32.SafeHandles;

namespace LocalInference.Quantize.Weights;

/// <summary>Quantises a matrix row by row, packs and stores it, and adds up what was lost.</summary>
/// <param name="matrix">What.</param>
/// <param name="tensors">Where.</param>
/// <param name="group">See <see cref="WeightJob.Group"/>.</param>
/// <param name="method">Chooses the codes.</param>
internal sealed class QuantizedJob(WeightMatrix matrix, QuantizedTensors tensors, int group, IQuantizationMethod method)
    : WeightJob(matrix.Name, group)
{
    public BlockFormat Format => tensors.Format;

    public WeightMatrix Matrix => matrix;

    public QuantizationError Error { get; } = new();

    private ElementType ScaleType => tensors.Scales.Type.Floats();

    public override long ElementCount => matrix.ElementCount;

    public override int PartCount => Parts(matrix.Rows, matrix.Columns);

    public override void Write(int part, DataFile file)
    {
        int columns = matrix.Columns, step = RowsPerPart(columns);
        long first = (long)part * step;
        int count = (int)Math.Min(step, matrix.Rows - first);
        float[] values = ArrayPool<float>.Shared.Rent(count * columns);
        try
        {
            Span<float> rows = values.AsSpan(0, count * columns);
            matrix.Read(new MatrixBlock(first, count, 0, columns), rows);
            if (tensors.Scales.Type == StoredType.Float16)
                ToHalfPrecision(rows);
            WriteRows(first, rows, file);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }

    /// <summary>Reads a row of the stored matrix.</summary>
    /// <param name="index">From 0.</param>
    /// <param name="file">The data file.</param>
    /// <param name="row">Gets it.</param>
    public void ReadBack(long index, SafeFileHandle file, QuantizedRow row)
    {
        byte[] codes = new byte[row.BlockCount * Format.BlockBytes], scales = new byte[row.BlockCount * tensors.Scales.Type.Size()];
        ReadExactly(file, codes, tensors.Codes.Offset + (index * codes.Length));
        ReadExactly(file, scales, tensors.Scales.Offset + (index * scales.Length));
        row.UnpackCodes(codes);
        ScaleType.ToFloats(scales, row.Scales);
        if (tensors.ZeroPoints is null)
        {
            row.ZeroPoints.AsSpan().Fill((byte)Format.Middle);
            return;
        }
        byte[] zeros = new byte[Format.ZeroPointBytes(matrix.Columns)];
        ReadExactly(file, zeros, tensors.ZeroPoints.Offset + (index * zeros.Length));
        row.UnpackZeroPoints(zeros);
    }

    /// <summary>Graphs for GPUs are made of fp16 weights, as the official exporter makes them: values that fp16 rounds are rounded before
    /// they are quantised.</summary>
    private void ToHalfPrecision(Span<float> rows)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            float rounded = (float)(Half)rows[i];
            if (float.IsInfinity(rounded))
                throw matrix.BeyondHalf(rows[i], "Use --activations fp32");
            rows[i] = rounded;
        }
    }

    private static void ReadExactly(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        for (int done = 0; done < bytes.Length;)
            done += RandomAccess.Read(file, bytes[done..], offset + done) is > 0 and var read ? read : throw new EndOfStreamException();
    }

    private void WriteRows(long first, ReadOnlySpan<float> rows, DataFile file)
    {
        int columns = matrix.Columns, count = rows.Length / columns;
        var row = new QuantizedRow(tensors.Format, columns);
        IRowQuantizer quantizer = method.For(this);
        int codeBytes = row.BlockCount * tensors.Format.BlockBytes, zeroBytes = tensors.Format.ZeroPointBytes(columns),
            scaleBytes = row.BlockCount * tensors.Scales.Type.Size();
        byte[] codes = new byte[count * codeBytes], zeros = new byte[count * zeroBytes], scales = new byte[count * scaleBytes];
        float[] became = new float[columns];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> values = rows.Slice(i * columns, columns);
            quantizer.Quantize(values, row);
            row.PackCodes(codes.AsSpan(i * codeBytes, codeBytes));
            row.PackZeroPoints(zeros.AsSpan(i * zeroBytes, zeroBytes));
            Span<byte> stored = scales.AsSpan(i * scaleBytes, scaleBytes);
            ScaleType.FromFloats(row.Scales, stored);
            ScaleType.ToFloats(stored, row.Scales);
            row.Dequantize(became);
            Error.Add(values, became);
        }
        file.Write(tensors.Codes, first * codeBytes, codes);
        file.Write(tensors.Scales, first * scaleBytes, scales);
        if (tensors.ZeroPoints is not null)
            file.Write(tensors.ZeroPoints, first * zeroBytes, zeros);
    }
}
