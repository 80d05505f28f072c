using System.Text.RegularExpressions;

namespace LocalInference.Text.Chat;

/// <summary>
/// What a template does with the parts of a conversation that templates disagree on. Found by rendering small probes when the
/// template is loaded, since names and versions of models do not tell.
/// </summary>
internal sealed partial record TemplateTraits
{
    /// <summary>Whether definitions of tools come out; else they must be put into the system text.</summary>
    public required bool RendersTools { get; init; }

    /// <summary>Whether a <c>developer</c> message comes out; else it must be passed as a system message.</summary>
    public required bool RendersDeveloper { get; init; }

    /// <summary>
    /// Whether past calls' arguments must be an object (the template writes them as JSON or goes through them) and not the text that the
    /// model wrote.
    /// </summary>
    public required bool WantsArgumentObjects { get; init; }

    /// <summary>Whether an assistant message without text must have an empty text and not none.</summary>
    public required bool WantsEmptyContent { get; init; }

    /// <summary>Whether a message with text and calls loses one of them, so that it must be passed as two.</summary>
    public required bool SplitsContentFromCalls { get; init; }

    /// <summary>
    /// Whether <c>enable_thinking</c> is passed as true when the client says nothing: some templates take its absence for false, and a
    /// reasoning model should reason. Not where the template has a <c>thinking</c> variable of its own (V3.1 and later), whose default is
    /// off.
    /// </summary>
    public required bool EnablesThinking { get; init; }

    /// <summary>Probes a template.</summary>
    /// <param name="template">The one that will be used.</param>
    /// <param name="tokens">Its special tokens.</param>
    public static TemplateTraits Of(ChatTemplate template, IReadOnlyDictionary<string, string> tokens)
    {
        TemplateProbe probe = new(template, tokens);
        // In order of preference: none is what OpenAI's clients send, and a text of arguments is what the model really wrote.
        (bool Empty, bool Objects)[] forms = [(false, false), (true, false), (false, true), (true, true)];
        (bool Empty, bool Objects) form = Array.Find(forms, candidate => probe.RendersCall(candidate.Empty, candidate.Objects));
        return new TemplateTraits
        {
            RendersTools = probe.RendersTools(),
            RendersDeveloper = probe.RendersDeveloper(),
            WantsArgumentObjects = form.Objects,
            WantsEmptyContent = form.Empty,
            EnablesThinking = template.Source.Contains("enable_thinking", StringComparison.Ordinal)
                && !OwnThinking().IsMatch(template.Source),
            SplitsContentFromCalls = probe.RendersCall(form.Empty, form.Objects) && !probe.RendersTextBesideCall(form.Objects),
        };
    }

    [GeneratedRegex(@"(?<![\w.'""])thinking(?!\w)", RegexOptions.CultureInvariant)]
    private static partial Regex OwnThinking();
}
