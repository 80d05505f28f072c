namespace LocalInference.Text.Chat.Jinja;

/// <summary>How strictly a template is read.</summary>
public enum TemplateReading
{
    /// <summary>As Hugging Face renders it, errors included.</summary>
    Exact,

    /// <summary>
    /// More lenient where published templates need it: a <c>from_json</c> filter exists, and <c>tojson</c> takes what lazy filters
    /// (<c>map</c>, <c>select</c> …) give. Everything that <see cref="Exact"/> renders comes out the same.
    /// </summary>
    Lenient,
}
