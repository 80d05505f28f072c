using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Floats as bfloat16, rounded to the nearest, to even between two; what is not a number stays none.</summary>
internal static unsafe class BFloat16Row
{
    private const int Lanes = 16;
    private const uint NotANumber = 0x7FC0;

    /// <summary>Writes a row.</summary>
    /// <param name="from">[count].</param>
    /// <param name="count">Elements.</param>
    /// <param name="to">[count]; may be where <paramref name="from"/> is.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(float* from, int count, ushort* to)
    {
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
        {
            var value = Vector512.Load(from + i);
            Vector512<uint> bits = value.AsUInt32();
            Vector512<uint> rounded = (bits + Vector512.Create(0x7FFFu) + (Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One)) >>> 16;
            rounded = Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), rounded, Vector512.Create(NotANumber));
            Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(to + i);
        }
        for (; i < count; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(from[i]);
            to[i] = (ushort)(float.IsNaN(from[i]) ? NotANumber : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
