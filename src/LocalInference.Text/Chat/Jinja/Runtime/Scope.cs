namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>Names bound in one block of the template; what is not found here is looked for outside.</summary>
internal sealed class Scope(Scope? parent)
{
    // Blocks bind few names, so a list is faster than a table.
    private readonly List<KeyValuePair<string, Value>> _names = [];

    public void Set(string name, Value value)
    {
        int place = _names.FindIndex(entry => entry.Key == name);
        if (place < 0)
            _names.Add(new(name, value));
        else
            _names[place] = new(name, value);
    }

    public Value? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
            foreach (KeyValuePair<string, Value> entry in scope._names)
                if (entry.Key == name)
                    return entry.Value;
        return null;
    }

    private Scope? Outer => parent;
}
