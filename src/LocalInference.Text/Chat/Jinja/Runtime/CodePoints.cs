namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>Python's texts are sequences of code points, C#'s of UTF-16 units: this translates positions.</summary>
internal static class CodePoints
{
    public static int SizeAt(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    public static int Count(ReadOnlySpan<char> text)
    {
        int count = text.Length;
        for (int i = 1; i < text.Length; i++)
            if (char.IsSurrogatePair(text[i - 1], text[i]))
            {
                count--;
                i++;
            }
        return count;
    }

    /// <summary>The unit at which each code point begins, and the length at the end.</summary>
    public static int[] Starts(string text)
    {
        List<int> starts = new(text.Length + 1);
        for (int at = 0; at < text.Length; at += SizeAt(text, at))
            starts.Add(at);
        starts.Add(text.Length);
        return [.. starts];
    }

    /// <summary>Python's order of texts: by code point, which differs from UTF-16's for characters beyond the first plane.</summary>
    public static int Compare(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length.CompareTo(right.Length);
        char a = left[common], b = right[common];
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }

    /// <summary>Python's <c>str.isspace</c>: .NET's white space and the four separators U+001C to U+001F.</summary>
    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';
}
