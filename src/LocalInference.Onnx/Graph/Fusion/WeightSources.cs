using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>
/// Finds the tensors of a quantised product, and tells which products can be packed; ONNX Runtime runs the others as they are.
/// </summary>
/// <param name="graph">The graph; locations of external data are plain file names.</param>
/// <param name="dataFolder">Where those files lie.</param>
internal sealed class WeightSources(DecoderGraph graph, string dataFolder)
{
    private static readonly int[] BlockSizes = [16, 32, 64, 128, 256];

    /// <summary>
    /// The weight of a <c>MatMulNBits</c> node; null where it is of a kind that is not packed (2 bits, float zero points, reordered input).
    /// </summary>
    public MatrixSource? Of(NodeProto node)
    {
        if (!node.IsContrib("MatMulNBits") || node.In(4).Length > 0)
            return null;
        int rows = (int)node.Int("N", 0), columns = (int)node.Int("K", 0);
        int bits = (int)node.Int("bits", 4), blockSize = (int)node.Int("block_size", 0);
        if (bits is not (4 or 8) || !BlockSizes.Contains(blockSize) || rows < 1 || columns < 1)
            return null;
        long blocks = (columns + (long)blockSize - 1) / blockSize, zeroPointBytes = ((blocks * bits) + 7) / 8;
        TensorProto? scales = graph.Initializer(node.In(2));
        bool half = scales?.DataType == OnnxTypes.Float16;
        TensorSource? codes = Tensor(node.In(1), OnnxTypes.UInt8, rows * (blocks * blockSize * bits / 8));
        (int scaleType, int scaleBytes) = half ? (OnnxTypes.Float16, sizeof(ushort)) : (OnnxTypes.Float, sizeof(float));
        TensorSource? scaleValues = Tensor(node.In(2), scaleType, rows * blocks * scaleBytes);
        TensorSource? zeroPoints = Tensor(node.In(3), OnnxTypes.UInt8, rows * zeroPointBytes);
        TensorSource? bias = Tensor(node.In(5), OnnxTypes.Float, rows * (long)sizeof(float));
        bool isComplete = codes is not null && scaleValues is not null
            && (zeroPoints is not null || node.In(3).Length == 0) && (bias is not null || node.In(5).Length == 0);
        return isComplete ? new MatrixSource(codes!, scaleValues!, half, zeroPoints, bias, rows, columns, bits, blockSize) : null;
    }

    /// <summary>A constant's bytes; null where it is absent or not as expected.</summary>
    public TensorSource? Tensor(string name, int type, long bytes)
    {
        if (name.Length == 0 || graph.Initializer(name) is not { } tensor || tensor.DataType != type)
            return null;
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            return tensor.HasRawData && tensor.RawData.Length == bytes ? new TensorSource(null, 0, bytes, tensor.RawData.Memory) : null;
        bool fits = tensor.ExternalEntry("length") is null || tensor.ExternalNumber("length") == bytes;
        return fits && tensor.ExternalEntry("location") is { } file
            ? new TensorSource(Path.Combine(dataFolder, file.Value), tensor.ExternalNumber("offset"), bytes, default)
            : null;
    }
}
