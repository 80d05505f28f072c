using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Chance;

/// <summary>Writes weights as a Hugging Face checkpoint: bf16 in two safetensors shards with an index.</summary>
/// <param name="weights">All of them are written.</param>
internal sealed class CheckpointWriter(IWeightSource weights)
{
    private const int ShardCount = 2;
    private const int PartElements = 1 << 20;

    /// <summary>Weights in all.</summary>
    public long ElementCount { get; } = weights.Names.Sum(weights.ElementCount);

    /// <summary>Writes shards and index.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="onWritten">Told how many more weights are written, and of which tensor.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    public void Write(OutputFolder folder, Action<string, long> onWritten, CancellationToken cancellationToken)
    {
        var map = new JsonObject();
        long written = 0;
        foreach (IGrouping<int, string> shard in weights.Names.GroupBy(name =>
        {
            long before = written;
            written += weights.ElementCount(name);
            return (int)(before * ShardCount / ElementCount);
        }).ToArray())
        {
            string name = $"model-{shard.Key + 1:00000}-of-{ShardCount:00000}.safetensors";
            foreach (string tensor in shard)
                map[tensor] = name;
            WriteShard(folder, name, [.. shard], onWritten, cancellationToken);
        }
        var index = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = ElementCount * 2 }, ["weight_map"] = map };
        folder.Write("model.safetensors.index.json", index);
    }

    private void WriteShard(OutputFolder folder, string name, string[] tensors, Action<string, long> onWritten,
        CancellationToken cancellationToken)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long length = 0;
        foreach (string tensor in tensors)
        {
            long bytes = weights.ElementCount(tensor) * 2;
            header[tensor] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = new JsonArray([.. weights.ShapeOf(tensor)!.Select(d => (JsonNode)d)]),
                ["data_offsets"] = new JsonArray(length, length + bytes),
            };
            length += bytes;
        }
        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] start = new byte[8 + ((json.Length + 7) / 8 * 8)];
        start.AsSpan(8).Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(start, start.Length - 8);
        json.CopyTo(start, 8);
        using OutputFile file = folder.Create(name, start.Length + length);
        file.Write("the header", 0, start);
        long offset = start.Length;
        foreach (string tensor in tensors)
        {
            WriteTensor(file, offset, tensor, onWritten, cancellationToken);
            offset += weights.ElementCount(tensor) * 2;
        }
    }

    private void WriteTensor(OutputFile file, long offset, string tensor, Action<string, long> onWritten,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<long> shape = weights.ShapeOf(tensor)!;
        int columns = shape.Count > 1 ? (int)shape[^1] : 1, step = Math.Max(1, PartElements / columns);
        long rows = weights.ElementCount(tensor) / columns;
        Parallel.For(0, (rows + step - 1) / step, new ParallelOptions { CancellationToken = cancellationToken }, part =>
        {
            int count = (int)Math.Min(step, rows - (part * step));
            float[] values = new float[count * columns];
            weights.Read(tensor, new MatrixBlock(part * step, count, 0, columns), values);
            byte[] bytes = new byte[values.Length * 2];
            ElementType.BFloat16.FromFloats(values, bytes);
            file.Write($"tensor '{tensor}'", offset + (part * step * columns * 2L), bytes);
            onWritten(tensor, values.Length);
        });
    }
}
