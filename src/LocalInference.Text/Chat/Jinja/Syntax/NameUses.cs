namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Which of the special names a macro's body mentions: they decide what a call may pass.</summary>
internal sealed class NameUses
{
    private readonly List<HashSet<string>> _open = [];

    public void Mention(string name)
    {
        if (name is "caller" or "varargs" or "kwargs")
            foreach (HashSet<string> macro in _open)
                macro.Add(name);
    }

    public void Begin() => _open.Add([]);

    public HashSet<string> End()
    {
        HashSet<string> mentioned = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        return mentioned;
    }
}
