using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>
/// All filters by name. Left out of Jinja's: <c>random</c> (a prompt must not depend on chance) and <c>urlize</c> (it makes HTML);
/// added: <c>from_json</c>, in the lenient reading, for templates written against engines that have it.
/// </summary>
internal static class Filters
{
    private static readonly Dictionary<string, Builtin> All = new(
        [.. TextFilters.All, .. MarkupFilters.All, .. SequenceFilters.All, .. LazyFilters.All, .. NumberFilters.All, .. JsonFilters.All]);

    public static bool Exists(RenderState state, string name) =>
        All.ContainsKey(name) && (name != JsonFilters.FromJson || state.Reading == TemplateReading.Lenient);

    public static Value Call(RenderState state, string name, Value subject, CallArguments arguments) => Exists(state, name)
        ? All[name].Call(name, state, subject, arguments)
        : throw TemplateException.Unknown($"No filter named '{name}'.");
}
