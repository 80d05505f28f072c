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
        if (missing <= 0)
            return text;
        // Python's str.center puts the odd one left when the width is odd, format's '^' always right: both agree for even texts.
        int left = alignment switch { '<' => 0, '>' => missing, _ => missing / 2 + (missing & width & 1) };
        TextBuilder padded = new(budget);
        Fill(padded, fill, left);
        padded.Append(text);
        Fill(padded, fill, missing - left);
        return padded.ToValue();
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
}
