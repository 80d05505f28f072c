using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Brings texts to a width.</summary>
internal static class Padding
{
    /// <param name="budget">Pays.</param>
    /// <param name="text">What is padded.</param>
    /// <param name="width">In code points.</param>
    /// <param name="fill">One code point.</param>
    /// <param name="alignment"><c>&lt;</c>, <c>&gt;</c> or <c>^</c>.</param>
    public static StringValue Pad(RenderBudget budget, StringValue text, int width, StringValue fill, char alignment)
    {
        int missing = width - text.Length!.Value;
        return Surround(budget, text, fill, missing, alignment switch { '<' => 0, '^' => missing / 2, _ => missing });
    }

    /// <summary>
    /// Python's <c>str.center</c>: the odd one goes left where the width is odd; the format's <c>^</c> always puts it right.
    /// </summary>
    public static StringValue Center(RenderBudget budget, StringValue text, int width, StringValue fill)
    {
        int missing = width - text.Length!.Value;
        return Surround(budget, text, fill, missing, missing / 2 + (missing & width & 1));
    }

    public static void Fill(TextBuilder target, StringValue fill, int count)
    {
        for (int i = 0; i < count; i++)
            target.Append(fill);
    }

    public static StringValue ExpandTabs(RenderBudget budget, StringValue text, int size)
    {
        TextBuilder expanded = new(budget);
        int column = 0;
        for (int i = 0; i < text.Text.Length; i++)
        {
            bool isTab = text.Text[i] == '\t';
            int width = !isTab ? 1 : size > 0 ? size - column % size : 0;
            if (isTab)
                expanded.Append(' ', width, text.IsInputAt(i));
            else
                expanded.Append(text.Slice(i, 1));
            column = text.Text[i] is '\n' or '\r' ? 0 : column + width;
        }
        return expanded.ToValue();
    }

    private static StringValue Surround(RenderBudget budget, StringValue text, StringValue fill, int missing, int left)
    {
        if (missing <= 0)
            return text;
        TextBuilder padded = new(budget);
        Fill(padded, fill, left);
        padded.Append(text);
        Fill(padded, fill, missing - left);
        return padded.ToValue();
    }
}
