using System.Runtime.InteropServices;
using LocalInference.Onnx.Graph;

namespace LocalInference.Onnx.Tests.Graph;

public class FloatConversionTests
{
    [Fact]
    public void Convert_EveryHalf_WidensAndComesBack()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i).Where(b => !Half.IsNaN(BitConverter.UInt16BitsToHalf(b)))];
        byte[] wide = Convert(Bytes(bits), OnnxTypes.Float16, OnnxTypes.Float);
        Assert.Equal(bits.Select(b => (float)BitConverter.UInt16BitsToHalf(b)), MemoryMarshal.Cast<byte, float>(wide).ToArray());
        Assert.Equal(bits, MemoryMarshal.Cast<byte, ushort>(Convert(wide, OnnxTypes.Float, OnnxTypes.Float16)).ToArray());
    }

    [Fact]
    public void Convert_EveryBFloat16_WidensAndComesBack()
    {
        ushort[] bits =
            [.. Enumerable.Range(0, 65536).Select(i => (ushort)i).Where(b => !float.IsNaN(BitConverter.UInt32BitsToSingle((uint)b << 16)))];
        byte[] wide = Convert(Bytes(bits), OnnxTypes.BFloat16, OnnxTypes.Float);
        Assert.Equal(bits, MemoryMarshal.Cast<byte, ushort>(Convert(wide, OnnxTypes.Float, OnnxTypes.BFloat16)).ToArray());
    }

    [Theory]
    [InlineData(0x3F808000u, 0x3F80)]
    [InlineData(0x3F818000u, 0x3F82)]
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x7FFFFFFFu, 0x7FC0)]
    public void Convert_FloatBetweenTwoBFloat16_TakesTheNearestEven(uint bits, int expected) =>
        Assert.Equal(expected, MemoryMarshal.Cast<byte, ushort>(Convert(Bytes([bits]), OnnxTypes.Float, OnnxTypes.BFloat16))[0]);

    [Fact]
    public void CountOverflows_BeyondHalf_CountsFiniteNumbersOnly()
    {
        byte[] source = Bytes([1f, 65504f, 65520f, -1e30f, float.PositiveInfinity]);
        byte[] target = Convert(source, OnnxTypes.Float, OnnxTypes.Float16);
        Assert.Equal(2, FloatConversion.CountOverflows(source, OnnxTypes.Float, target, OnnxTypes.Float16));
        Assert.Equal(0, FloatConversion.CountOverflows(
            target, OnnxTypes.Float16, Convert(target, OnnxTypes.Float16, OnnxTypes.Float), OnnxTypes.Float));
        byte[] brain = Convert(Bytes([1e30f, 2f]), OnnxTypes.Float, OnnxTypes.BFloat16);
        Assert.Equal(1, FloatConversion.CountOverflows(
            brain, OnnxTypes.BFloat16, Convert(brain, OnnxTypes.BFloat16, OnnxTypes.Float16), OnnxTypes.Float16));
    }

    private static byte[] Convert(byte[] source, int from, int to)
    {
        var target = new byte[source.Length / FloatConversion.SizeOf(from) * FloatConversion.SizeOf(to)];
        FloatConversion.Convert(source, from, target, to);
        return target;
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();
}
