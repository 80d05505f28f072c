using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>
/// Breaks one line at blanks (and after hyphens inside words) so that no piece is wider than asked, as Python's textwrap does.
/// </summary>
internal sealed class LineWrapper(int width, bool breaksLongWords, bool breaksOnHyphens)
{
    public List<StringValue> Wrap(RenderBudget budget, StringValue line)
    {
        List<StringValue> lines = [];
        string s = line.Text;
        List<(int Start, int End)> chunks = Chunks(s);
        for (int next = 0; next < chunks.Count;)
        {
            budget.TakeStep();
            if (lines.Count > 0 && IsBlank(s, chunks[next]))
                next++;
            if (next == chunks.Count)
                break;
            int start = chunks[next].Start, end = start;
            while (next < chunks.Count && chunks[next].End - start <= width)
                end = chunks[next++].End;
            if (next < chunks.Count && chunks[next].End - chunks[next].Start > width && (breaksLongWords || end == start))
            {
                int cut = breaksLongWords ? Math.Max(start + width, end + (end == start ? 1 : 0)) : chunks[next].End;
                chunks[next] = (cut, chunks[next].End);
                end = cut;
                if (chunks[next].Start >= chunks[next].End)
                    next++;
            }
            StringValue piece = Splitting.Strip(line.Slice(start..end), null, atStart: false, atEnd: true);
            if (piece.IsTrue)
                lines.Add(piece);
        }
        return lines;
    }

    private static bool IsBlank(string text, (int Start, int End) chunk) => CodePoints.IsSpace(text[chunk.Start]);

    private List<(int Start, int End)> Chunks(string text)
    {
        List<(int, int)> chunks = [];
        int start = 0;
        for (int at = 1; at <= text.Length; at++)
            if (at == text.Length || CodePoints.IsSpace(text[at]) != CodePoints.IsSpace(text[at - 1]) || IsAfterHyphen(text, at, start))
            {
                chunks.Add((start, at));
                start = at;
            }
        return chunks;
    }

    private bool IsAfterHyphen(string text, int at, int start) =>
        breaksOnHyphens && text[at - 1] == '-' && at - start > 2 && char.IsLetter(text[at - 2]) && char.IsLetter(text[at]);
}
