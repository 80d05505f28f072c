using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Text.Tokenization.Vocabularies;

/// <summary>A hash of short byte strings, shared by the vocabulary and the piece cache: eight bytes a step, no state.</summary>
internal static class ByteHash
{
    private const ulong Golden = 0x9E3779B97F4A7C15UL;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length * Golden;
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++) tail |= (ulong)bytes[i] << (8 * i);
        return (uint)(Mix(hash ^ tail) >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value *= 0xFF51AFD7ED558CCDUL;
        return (value ^ (value >> 32)) * Golden;
    }
}
