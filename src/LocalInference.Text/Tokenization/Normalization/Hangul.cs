namespace LocalInference.Text.Tokenization.Normalization;

/// <summary>Korean syllables, which compose by arithmetic instead of by table.</summary>
internal static class Hangul
{
    private const int FirstSyllable = 0xAC00;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int NoTail = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;

    /// <summary>Every code point that decomposes, or may join the one before it.</summary>
    public static IEnumerable<int> Remarkable =>
        Enumerable.Range(FirstVowel, Vowels)
            .Concat(Enumerable.Range(NoTail + 1, Tails - 1))
            .Concat(Enumerable.Range(FirstSyllable, Leads * Vowels * Tails));

    public static bool IsSyllable(int codePoint) => codePoint - FirstSyllable is >= 0 and < Leads * Vowels * Tails;

    /// <summary>Whether a code point may join the one before it.</summary>
    public static bool IsSecond(int codePoint) => codePoint - FirstVowel is >= 0 and < Vowels || codePoint - NoTail is > 0 and < Tails;

    public static void Decompose(int syllable, List<int> parts)
    {
        int index = syllable - FirstSyllable;
        parts.Add(FirstLead + index / (Vowels * Tails));
        parts.Add(FirstVowel + index % (Vowels * Tails) / Tails);
        if (index % Tails != 0) parts.Add(NoTail + index % Tails);
    }

    public static int Compose(int first, int second)
    {
        if (first - FirstLead is var lead and >= 0 and < Leads && second - FirstVowel is var vowel and >= 0 and < Vowels)
            return FirstSyllable + (lead * Vowels + vowel) * Tails;
        bool isOpen = IsSyllable(first) && (first - FirstSyllable) % Tails == 0;
        return isOpen && second - NoTail is var tail and > 0 and < Tails ? first + tail : -1;
    }
}
