using System.Text;

namespace LocalInference.Text.Tokenization.Normalization;

/// <summary>The four Unicode normalisation forms.</summary>
internal enum UnicodeForm
{
    /// <summary>NFC: canonical, composed.</summary>
    Composed,

    /// <summary>NFD: canonical, decomposed.</summary>
    Decomposed,

    /// <summary>NFKC: compatible, composed.</summary>
    CompatibleComposed,

    /// <summary>NFKD: compatible, decomposed.</summary>
    CompatibleDecomposed,
}

/// <summary>
/// Unicode normalisation by our own table: the same everywhere, whatever ICU a machine has or lacks (under invariant globalisation
/// <see cref="string.Normalize()"/> does nothing). Never throws; a lone surrogate stays.
/// </summary>
internal static class UnicodeForms
{
    private static readonly Lazy<QuickCheck>[] Checks =
        [.. Enum.GetValues<UnicodeForm>().Select(form => new Lazy<QuickCheck>(() => new QuickCheck(form)))];

    /// <summary>The normal form of a text; null when that is the text itself.</summary>
    public static string? TryNormalize(ReadOnlySpan<char> text, UnicodeForm form)
    {
        QuickCheck check = Checks[(int)form].Value;
        int suspect = check.FindSuspect(text, 0);
        if (suspect < 0) return null;
        var result = new StringBuilder(text.Length);
        var island = new NormalizationIsland(form);
        int copied = 0;
        while (suspect >= 0)
        {
            // Only the stretch from the character before the suspect to the next unsuspicious one can change.
            int begin = Math.Max(copied, QuickCheck.StepBack(text, suspect));
            int end = check.FindNormal(text, suspect);
            result.Append(text[copied..begin]);
            island.AppendNormal(text[begin..end], result);
            copied = end;
            suspect = check.FindSuspect(text, end);
        }

        return result.Append(text[copied..]).ToString() is var normal && text.SequenceEqual(normal) ? null : normal;
    }

    /// <summary>
    /// Says quickly which characters may change, or change what stands before them: a table for the BMP, a set for the rest.
    /// </summary>
    private sealed class QuickCheck
    {
        private const byte Suspect = 1;
        private const byte HighSurrogate = 2;
        private readonly byte[] _kinds = new byte[char.MaxValue + 1];
        private readonly HashSet<int> _astralSuspects = [];

        public QuickCheck(UnicodeForm form)
        {
            var island = new NormalizationIsland(form);
            foreach (int codePoint in UnicodeFormTable.Shared.Remarkable.Concat(Hangul.Remarkable))
            {
                if (!island.IsSuspect(codePoint)) continue;
                if (codePoint <= char.MaxValue) _kinds[codePoint] = Suspect;
                else _astralSuspects.Add(codePoint);
            }

            _kinds.AsSpan('\uD800', 0x400).Fill(HighSurrogate);
        }

        public int FindSuspect(ReadOnlySpan<char> text, int from)
        {
            for (int i = from; i < text.Length; i++)
                if (_kinds[text[i]] is var kind and not 0 && (kind == Suspect || IsAstralSuspect(text, i)))
                    return i;
            return -1;
        }

        public int FindNormal(ReadOnlySpan<char> text, int from)
        {
            int at = from;
            while (at < text.Length)
            {
                if (_kinds[text[at]] == Suspect) at++;
                else if (_kinds[text[at]] == HighSurrogate && IsAstralSuspect(text, at)) at += 2;
                else break;
            }

            return at;
        }

        public static int StepBack(ReadOnlySpan<char> text, int at)
        {
            if (at == 0) return 0;
            return at > 1 && char.IsSurrogatePair(text[at - 2], text[at - 1]) ? at - 2 : at - 1;
        }

        private bool IsAstralSuspect(ReadOnlySpan<char> text, int at) =>
            at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
                && _astralSuspects.Contains(char.ConvertToUtf32(text[at], text[at + 1]));
    }
}
