using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>Types of elements in checkpoints and in what is written.</summary>
internal enum ElementType
{
    /// <summary>IEEE single.</summary>
    Float32,

    /// <summary>IEEE half.</summary>
    Float16,

    /// <summary>The upper half of a single.</summary>
    BFloat16,
}

/// <summary>Sizes, names and conversions of element types.</summary>
internal static class ElementTypes
{
    public static int Size(this ElementType type) => type == ElementType.Float32 ? 4 : 2;

    /// <summary>The name in a safetensors header.</summary>
    public static string SafetensorsName(this ElementType type) => type switch
    {
        ElementType.Float32 => "F32",
        ElementType.Float16 => "F16",
        _ => "BF16",
    };

    /// <summary>Widens stored elements.</summary>
    public static void ToFloats(this ElementType type, ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        switch (type)
        {
            case ElementType.Float32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(floats);
                break;
            case ElementType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), floats);
                break;
            default:
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                Span<uint> bits = MemoryMarshal.Cast<float, uint>(floats);
                for (int i = 0; i < upper.Length; i++)
                    bits[i] = (uint)upper[i] << 16;
                break;
        }
    }

    /// <summary>Rounds to the nearest, ties to even, and stores.</summary>
    public static void FromFloats(this ElementType type, ReadOnlySpan<float> floats, Span<byte> bytes)
    {
        switch (type)
        {
            case ElementType.Float32:
                MemoryMarshal.AsBytes(floats).CopyTo(bytes);
                break;
            case ElementType.Float16:
                TensorPrimitives.ConvertToHalf(floats, MemoryMarshal.Cast<byte, Half>(bytes));
                break;
            default:
                Span<ushort> upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < floats.Length; i++)
                    upper[i] = (ushort)(RoundToBFloat16(floats[i]) >> 16);
                break;
        }
    }

    /// <summary>The bits of the nearest bfloat16, as a single.</summary>
    public static uint RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000;
    }
}
