using System.Text;

namespace LocalInference.Text.Parsing;

/// <summary>
/// Watches a text that arrives in pieces for texts that end it. The match that is complete first wins (of several complete at the
/// same character the one that begins first); neither it nor anything after it comes out, and no more is held back than what may
/// still become a match. How the text is cut into pieces changes nothing.
/// </summary>
/// <remarks>Not thread-safe; one per answer.</remarks>
/// <param name="stops">None of them empty; may be none at all.</param>
internal sealed class StopStringMatcher(IReadOnlyList<string> stops)
{
    private readonly string[] _stops = [.. stops];
    private string _held = "";

    /// <summary>Takes the next piece.</summary>
    /// <param name="text">Any length.</param>
    /// <param name="output">What is certain to come before any stop is appended.</param>
    /// <returns>True when a stop was completed: everything before it has come out, and nothing may follow.</returns>
    public bool Append(ReadOnlySpan<char> text, StringBuilder output)
    {
        if (_stops.Length == 0)
        {
            output.Append(text);
            return false;
        }
        string all = string.Concat(_held, text);
        (int start, int end) = (-1, int.MaxValue);
        foreach (string stop in _stops)
        {
            int at = all.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < end || (at + stop.Length == end && at < start)))
                (start, end) = (at, at + stop.Length);
        }
        int held = start >= 0 ? 0 : HeldText.Length(all, _stops);
        output.Append(all, 0, start >= 0 ? start : all.Length - held);
        _held = all[^held..];
        return start >= 0;
    }

    /// <summary>The text is over without a stop.</summary>
    /// <param name="output">What was held back is appended.</param>
    public void Complete(StringBuilder output)
    {
        output.Append(_held);
        _held = "";
    }
}
