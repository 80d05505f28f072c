using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>Raw tensors of safetensors files and of model folders.</summary>
internal static class Tensors
{
    /// <summary>All tensors of a safetensors file: type, shape, bytes.</summary>
    public static Dictionary<string, (string Type, int[] Shape, byte[] Bytes)> ReadSafetensors(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        JsonObject header = JsonNode.Parse(file.AsSpan(8, start - 8))!.AsObject();
        return header.Where(p => p.Key != "__metadata__").ToDictionary(p => p.Key, p =>
        {
            int[] offsets = [.. p.Value!["data_offsets"]!.AsArray().Select(o => o!.GetValue<int>())];
            return (p.Value["dtype"]!.GetValue<string>(), p.Value["shape"]!.AsArray().Select(d => d!.GetValue<int>()).ToArray(),
                file[(start + offsets[0])..(start + offsets[1])]);
        });
    }

    public static float[] Floats(byte[] bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    /// <summary>Writes a safetensors file.</summary>
    public static void WriteSafetensors(string path, params (string Name, string Type, long[] Shape, byte[] Bytes)[] tensors)
    {
        var header = new JsonObject();
        int length = 0;
        foreach ((string name, string type, long[] shape, byte[] bytes) in tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = type, ["shape"] = new JsonArray([.. shape.Select(d => (JsonNode)d)]),
                    ["data_offsets"] = new JsonArray(length, length + bytes.Length),
            };
            length += bytes.Length;
        }
        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, json.Length);
        File.WriteAllBytes(path, [.. size, .. json, .. tensors.SelectMany(t => t.Bytes)]);
    }

    public static byte[] Bytes(params float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>All initialisers of a model folder: type, shape, bytes.</summary>
    public static Dictionary<string, (int Type, long[] Shape, byte[] Bytes)> ReadFolder(string folder)
    {
        byte[] data = File.ReadAllBytes(Path.Combine(folder, "model.onnx.data"));
        return ReadGraph(folder).Initializer.ToDictionary(t => t.Name, t =>
        {
            int offset = Entry(t, "offset"), length = Entry(t, "length");
            return (t.DataType, t.Dims.ToArray(), data[offset..(offset + length)]);
        });
    }

    public static GraphProto ReadGraph(string folder) =>
        ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx"))).Graph;

    private static int Entry(TensorProto tensor, string key) =>
        int.Parse(tensor.ExternalData.First(e => e.Key == key).Value, CultureInfo.InvariantCulture);
}
