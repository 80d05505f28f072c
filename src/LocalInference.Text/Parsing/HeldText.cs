namespace LocalInference.Text.Parsing;

/// <summary>How much of a text's end may be the beginning of something that is being looked for.</summary>
internal static class HeldText
{
    /// <summary>The length of the longest end of a text that is a beginning of one of the markers, and shorter than it.</summary>
    public static int Length(ReadOnlySpan<char> text, ReadOnlySpan<string> markers)
    {
        int longest = 0;
        foreach (string marker in markers)
            for (int length = Math.Min(marker.Length - 1, text.Length); length > longest; length--)
                if (marker.AsSpan().StartsWith(text[^length..], StringComparison.Ordinal))
                {
                    longest = length;
                    break;
                }
        return longest;
    }

    /// <summary>Whether a text as a whole may still become one of the markers.</summary>
    public static bool MayBecome(ReadOnlySpan<char> text, ReadOnlySpan<string> markers) => Length(text, markers) == text.Length;

    /// <summary>Where the first marker begins, or -1.</summary>
    /// <param name="text">What is searched.</param>
    /// <param name="markers">What for; none begins another.</param>
    /// <param name="found">The marker that was found.</param>
    public static int FindFirst(ReadOnlySpan<char> text, ReadOnlySpan<string> markers, out string found)
    {
        int first = -1;
        found = "";
        foreach (string marker in markers)
        {
            int at = text.IndexOf(marker, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first))
                (first, found) = (at, marker);
        }
        return first;
    }
}
