using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Text.Tokenization.Vocabularies;

/// <summary>A hash of short byte strings, eight bytes a step, without state. The piece cache mixes characters in the same way.</summary>
internal static class ByteHash
{
    /// <summary>2^64 divided by the golden ratio, odd.</summary>
    public const ulong Golden = 0x9E3779B97F4A7C15UL;

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
        return Finish(hash ^ tail);
    }

    /// <summary>The hash that everything mixed so far ends in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Finish(ulong hash) => (uint)(Mix(hash) >> 32);

    /// <summary>Spreads every bit over all of them; between two steps the next eight bytes are xored in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value *= 0xFF51AFD7ED558CCDUL;
        return (value ^ (value >> 32)) * Golden;
    }
}
