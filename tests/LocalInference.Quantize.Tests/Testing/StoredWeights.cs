using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>The weights that a folder's blocks stand for, under their names in the checkpoint: read element by element, as the operators'
/// documents describe the layout.</summary>
internal static class StoredWeights
{
    /// <param name="folder">The model folder.</param>
    /// <param name="original">The checkpoint's weights, which all that is not quantised is left at.</param>
    public static Dictionary<string, double[]> Read(string folder, IReadOnlyDictionary<string, double[]> original)
    {
        Dictionary<string, double[]> weights = new(original);
        var tensors = Tensors.ReadFolder(folder);
        GraphProto graph = Tensors.ReadGraph(folder);
        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "MatMulNBits"))
        {
            var matrix = new Blocks(tensors, node.Input[1], node.Input[2], node.Input.Count > 3 ? node.Input[3] : "",
                (int)node.Int("bits", 0), (int)node.Int("block_size", 0));
            Put(weights, node.Input[1].Split(".MatMul")[0], matrix.Values((int)node.Int("N", 0), (int)node.Int("K", 0)));
        }
        // A tied model's head has a name of its own here, for its table may be stored in another way than the one that ids are looked up
        // in.
        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "GatherBlockQuantized"))
        {
            string codes = graph.Node.First(n => n.Output.Contains(node.Input[0])).Input[0];
            var matrix = new Blocks(tensors, codes, node.Input[2], node.Input.Count > 3 ? node.Input[3] : "", (int)node.Int("bits", 0),
                (int)node.Int("block_size", 0));
            int rows = (int)tensors[codes].Shape[0];
            weights["model.embed_tokens.weight"] = matrix.Values(rows, original["model.embed_tokens.weight"].Length / rows);
        }
        return weights;
    }

    private static void Put(Dictionary<string, double[]> weights, string name, double[] values)
    {
        string tensor = name.Replace(".attn.", ".self_attn.", StringComparison.Ordinal);
        if (!tensor.EndsWith("qkv_proj", StringComparison.Ordinal))
        {
            weights[$"{tensor}.weight"] = values;
            return;
        }
        int at = 0;
        foreach (string part in (string[])["q_proj", "k_proj", "v_proj"])
        {
            string whole = $"{tensor[..^"qkv_proj".Length]}{part}.weight";
            int length = weights[whole].Length;
            weights[whole] = values[at..(at + length)];
            at += length;
        }
    }

    /// <summary>One matrix in blocks.</summary>
    private sealed class Blocks(Dictionary<string, (int Type, long[] Shape, byte[] Bytes)> tensors, string codes, string scales,
        string zeros, int bits, int size)
    {
        public double[] Values(int rows, int columns)
        {
            int blocks = (columns + size - 1) / size, zeroBytes = ((blocks * bits) + 7) / 8;
            double[] values = new double[rows * columns];
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                {
                    int block = column / size, zero = zeros.Length == 0 ? 1 << (bits - 1)
                        : Code(tensors[zeros].Bytes, row * zeroBytes, block);
                    int code = Code(tensors[codes].Bytes, ((row * blocks) + block) * (size * bits / 8), column % size);
                    values[(row * columns) + column] = (code - zero) * (double)BitConverter.ToSingle(tensors[scales].Bytes,
                        ((row * blocks) + block) * 4);
                }
            return values;
        }

        private int Code(byte[] bytes, int start, int index) =>
            bits == 8 ? bytes[start + index] : (bytes[start + (index / 2)] >> (index % 2 * 4)) & 15;
    }
}
