using System.Text;
using LocalInference.Text.Parsing;

namespace LocalInference.Text.Tests.Parsing;

/// <summary>Runs a parser over an answer cut into pieces, and writes what came out in one line.</summary>
internal static class AnswerReading
{
    public static string Whole(string answer, string format, bool opensReasoning = false) => Cut(answer, format, opensReasoning, []);

    /// <param name="answer">The answer.</param>
    /// <param name="format">
    /// How calls are looked for: the name of a <see cref="ToolCallFormat"/>, which test methods cannot take, being internal.
    /// </param>
    /// <param name="opensReasoning">Whether the prompt opened reasoning.</param>
    /// <param name="borders">Where pieces end, rising.</param>
    public static string Cut(string answer, string format, bool opensReasoning, IEnumerable<int> borders)
    {
        AnswerParser parser = new(opensReasoning, Enum.Parse<ToolCallFormat>(format));
        List<AnswerPart> parts = [];
        int start = 0;
        foreach (int border in borders.Append(answer.Length))
        {
            parser.Append(answer.AsSpan(start, border - start), parts);
            start = border;
        }
        parser.Complete(parts);
        Assert.DoesNotContain(parts, part => part.Text.Length == 0);
        return Describe(parts) + $" = {parser.CompletedToolCalls}";
    }

    /// <summary>Neighbours of one kind together: R(…) reasoning, C(…) content, N0(…) a call's name, A0(…) its arguments.</summary>
    private static string Describe(List<AnswerPart> parts)
    {
        StringBuilder text = new();
        for (int i = 0; i < parts.Count; i++)
        {
            bool goesOn = i > 0 && parts[i - 1].Kind == parts[i].Kind && parts[i - 1].CallIndex == parts[i].CallIndex
                && parts[i].Kind != AnswerPartKind.ToolCallStart;
            if (!goesOn)
                text.Append(i > 0 ? ") " : "").Append(Letter(parts[i])).Append('(');
            text.Append(parts[i].Text);
        }
        return (parts.Count > 0 ? text.Append(')') : text).Replace("\n", "⏎").ToString();
    }

    private static string Letter(AnswerPart part) => part.Kind switch
    {
        AnswerPartKind.Reasoning => "R",
        AnswerPartKind.Content => "C",
        AnswerPartKind.ToolCallStart => $"N{part.CallIndex}",
        _ => $"A{part.CallIndex}",
    };
}
