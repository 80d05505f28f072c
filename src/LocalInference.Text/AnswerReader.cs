using System.Text;
using LocalInference.Core.Completions;
using LocalInference.Text.Parsing;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text;

/// <summary>One answer on its way from ids to parts: detokenised, cut at the first stop string, told apart.</summary>
internal sealed class AnswerReader : IAnswerReader
{
    private readonly Detokenizer _detokenizer;
    private readonly StopStringMatcher _stops;
    private readonly AnswerParser? _parser;
    private readonly StringBuilder _text = new();

    /// <param name="detokenizer">Fresh; keeps special tokens, since markers of tool calls may be special.</param>
    /// <param name="form">How the answer is to be read.</param>
    /// <param name="toolCalls">How the model writes tool calls.</param>
    public AnswerReader(Detokenizer detokenizer, AnswerForm form, ToolCallFormat toolCalls)
    {
        _detokenizer = detokenizer;
        _stops = new StopStringMatcher(form.StopStrings);
        _parser = form.Output == OutputForm.Parsed
            ? new AnswerParser(form.OpensReasoning, form.ParsesToolCalls ? toolCalls : ToolCallFormat.None)
            : null;
    }

    public int ReasoningTokens { get; private set; }

    public int CompletedToolCalls => _parser?.CompletedToolCalls ?? 0;

    public bool Append(int tokenId, ICollection<AnswerPart> parts)
    {
        bool beganInReasoning = _parser is { InReasoning: true };
        bool stopped = _stops.Append(_detokenizer.Append(tokenId), _text);
        GiveOut(parts);
        // The marker that opens or closes the reasoning belongs to it.
        if (beganInReasoning || _parser is { InReasoning: true }) ReasoningTokens++;
        if (stopped) _parser?.Complete(parts);
        return stopped;
    }

    public void Complete(ICollection<AnswerPart> parts)
    {
        // What the detokeniser held back may complete a stop string: then nothing is left to give out.
        if (!_stops.Append(_detokenizer.Flush(), _text)) _stops.Complete(_text);
        GiveOut(parts);
        _parser?.Complete(parts);
    }

    private void GiveOut(ICollection<AnswerPart> parts)
    {
        if (_text.Length == 0) return;
        string text = _text.ToString();
        _text.Clear();
        if (_parser is null) parts.Add(new AnswerPart(AnswerPartKind.Content, text));
        else _parser.Append(text, parts);
    }
}
