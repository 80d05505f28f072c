using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Graph;

/// <summary>Converts between float32, float16 and bfloat16, given as bytes.</summary>
internal static class FloatConversion
{
    public static int SizeOf(int type) => type switch
    {
        OnnxTypes.Float => sizeof(float),
        OnnxTypes.Float16 or OnnxTypes.BFloat16 => sizeof(ushort),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a floating type."),
    };

    /// <summary>Converts as many elements as the target holds; narrowing rounds to the nearest, ties to even.</summary>
    public static void Convert(ReadOnlySpan<byte> source, int sourceType, Span<byte> target, int targetType)
    {
        if (targetType == OnnxTypes.Float)
            Widen(source, sourceType, MemoryMarshal.Cast<byte, float>(target));
        else if (sourceType == OnnxTypes.Float)
            Narrow(MemoryMarshal.Cast<byte, float>(source), target, targetType);
        else
        {
            var wide = new float[target.Length / SizeOf(targetType)];
            Widen(source, sourceType, wide);
            Narrow(wide, target, targetType);
        }
    }

    /// <summary>Finite numbers that a narrower range has turned into infinities.</summary>
    public static int CountOverflows(ReadOnlySpan<byte> source, int sourceType, ReadOnlySpan<byte> target, int targetType)
    {
        if (targetType != OnnxTypes.Float16)
            return 0;
        ReadOnlySpan<Half> narrow = MemoryMarshal.Cast<byte, Half>(target);
        int found = 0;
        for (int i = 0; i < narrow.Length; i++)
            if (Half.IsInfinity(narrow[i]) && float.IsFinite(At(source, sourceType, i)))
                found++;
        return found;
    }

    private static float At(ReadOnlySpan<byte> source, int sourceType, int index) => sourceType == OnnxTypes.Float
        ? MemoryMarshal.Cast<byte, float>(source)[index]
        : BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Cast<byte, ushort>(source)[index] << 16);

    private static void Widen(ReadOnlySpan<byte> source, int sourceType, Span<float> target)
    {
        if (sourceType == OnnxTypes.Float16)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), target);
            return;
        }
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<byte, ushort>(source);
        for (int i = 0; i < target.Length; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
    }

    private static void Narrow(ReadOnlySpan<float> source, Span<byte> target, int targetType)
    {
        if (targetType == OnnxTypes.Float16)
        {
            TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(target));
            return;
        }
        Span<ushort> bits = MemoryMarshal.Cast<byte, ushort>(target);
        for (int i = 0; i < source.Length; i++)
            bits[i] = RoundToBFloat16(source[i]);
    }

    private static ushort RoundToBFloat16(float value)
    {
        const uint QuietNaN = 0x7FC0, Half = 0x7FFF;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)QuietNaN : (ushort)((bits + Half + ((bits >> 16) & 1)) >> 16);
    }
}
