using System.Runtime.CompilerServices;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>What may stand before the run of a <see cref="ClassRunMatcher"/>.</summary>
internal enum RunPrefix
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c> ?</c></summary>
    Blank,

    /// <summary><c>\s?</c></summary>
    Space,
}

/// <summary>
/// A run of characters of one class with an optional space before: <c>[\r\n]</c>, <c>\s?\p{L}+</c>, <c>\p{N}{1,3}</c>. With explicit lists
/// of letters these are all of DeepSeek-LLM's and DeepSeek-Coder's patterns.
/// </summary>
/// <param name="set">The class.</param>
/// <param name="prefix">What may stand before the run.</param>
/// <param name="maxLength">The most code points of a run; at least 1.</param>
internal sealed class ClassRunMatcher(CodePointSet set, RunPrefix prefix, int maxLength) : PieceMatcher
{
    /// <summary>The class.</summary>
    public CodePointSet Set => set;

    /// <summary>What may stand before the run.</summary>
    public RunPrefix Prefix => prefix;

    /// <summary>The most code points of a run.</summary>
    public int MaxLength => maxLength;

    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        for (start = set.SkipOthers(text, from); start < text.Length;)
        {
            if (!set.ContainsAt(text, start, out int width))
            {
                start += width;
                continue;
            }

            int run = start + width;
            if (start > from && IsPrefix(text[start - 1])) start--;
            // A space of the class itself (U+3000 among DeepSeek-LLM's punctuation) is the prefix where the run goes on behind it.
            else if (IsPrefix(text[start]) && run < text.Length && set.ContainsAt(text, run, out int nextWidth)) run += nextWidth;
            end = SkipRun(text, run);
            return true;
        }

        end = 0;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsPrefix(char c) => prefix switch
    {
        RunPrefix.None => false,
        RunPrefix.Blank => c == ' ',
        _ => char.IsWhiteSpace(c),
    };

    private int SkipRun(ReadOnlySpan<char> text, int at)
    {
        for (int length = 1; length < maxLength && at < text.Length; length++)
        {
            if (!set.ContainsAt(text, at, out int width)) break;
            at += width;
        }

        return at;
    }
}
