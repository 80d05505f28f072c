using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Tests.Interop;

public unsafe class LargeMemoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2 << 20)]
    [InlineData((5 << 20) + 17)]
    public void Allocate_AnySize_BeginsALargePageAndHoldsEveryByte(int bytes)
    {
        byte* memory = LargeMemory.Allocate((nuint)bytes);
        try
        {
            Assert.Equal(0, (nint)memory % (2 << 20));
            var whole = new Span<byte>(memory, bytes);
            whole.Fill(7);
            Assert.Equal(-1, whole.IndexOfAnyExcept((byte)7));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }
}
