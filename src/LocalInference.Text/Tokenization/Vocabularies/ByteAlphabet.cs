using System.Runtime.CompilerServices;

namespace LocalInference.Text.Tokenization.Vocabularies;

/// <summary>
/// The letters in which byte-level vocabularies spell bytes: printable Latin-1 stands for itself, the other 68 bytes take U+0100 onwards.
/// </summary>
internal static class ByteAlphabet
{
    private const int LetterLimit = 0x180;
    private static readonly char[] Letters = new char[256];
    private static readonly short[] Bytes = new short[LetterLimit];

    static ByteAlphabet()
    {
        Array.Fill(Bytes, (short)-1);
        int unprintable = 0;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is >= 0x21 and <= 0x7E or >= 0xA1 and <= 0xAC or >= 0xAE;
            char letter = (char)(printable ? value : 0x100 + unprintable++);
            Letters[value] = letter;
            Bytes[letter] = (short)value;
        }
    }

    /// <summary>The letter of a byte.</summary>
    public static char LetterOf(byte value) => Letters[value];

    /// <summary>Writes the bytes that letters spell; false when one of them is no letter of this alphabet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TrySpell(ReadOnlySpan<char> letters, Span<byte> bytes)
    {
        for (int i = 0; i < letters.Length; i++)
        {
            int value = letters[i] < LetterLimit ? Bytes[letters[i]] : -1;
            if (value < 0) return false;
            bytes[i] = (byte)value;
        }

        return true;
    }

    /// <summary>How a vocabulary spells these bytes.</summary>
    public static string Spelling(ReadOnlySpan<byte> bytes)
    {
        Span<char> letters = bytes.Length <= 128 ? stackalloc char[128] : new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++) letters[i] = Letters[bytes[i]];
        return new string(letters[..bytes.Length]);
    }
}
