using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>A safetensors file, read whole.</summary>
internal sealed class Safetensors
{
    private readonly byte[] _bytes;
    private readonly JsonElement _header;
    private readonly int _dataStart;

    public Safetensors(string path)
    {
        _bytes = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        _header = JsonDocument.Parse(_bytes.AsMemory(8, headerLength)).RootElement;
        _dataStart = 8 + headerLength;
    }

    public bool Has(string name) => _header.TryGetProperty(name, out _);

    public int[] Shape(string name) => [.. _header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(e => e.GetInt32())];

    public float[] Floats(string name) => Read<float>(name, "F32");

    public int[] Ints(string name) => Read<int>(name, "I32");

    public long[] Longs(string name) => Read<long>(name, "I64");

    /// <summary>A tensor of any type.</summary>
    public byte[] Bytes(string name)
    {
        JsonElement offsets = _header.GetProperty(name).GetProperty("data_offsets");
        return _bytes.AsSpan(_dataStart + offsets[0].GetInt32(), offsets[1].GetInt32() - offsets[0].GetInt32()).ToArray();
    }

    private T[] Read<T>(string name, string type)
        where T : unmanaged
    {
        JsonElement entry = _header.GetProperty(name);
        if (entry.GetProperty("dtype").GetString() != type)
            throw new InvalidDataException($"{name} is {entry.GetProperty("dtype")}, not {type}.");
        return MemoryMarshal.Cast<byte, T>(Bytes(name)).ToArray();
    }
}
