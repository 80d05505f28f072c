using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary>What a value can be bound to.</summary>
internal abstract class Target
{
    public abstract void Assign(RenderState state, Scope scope, Value value);
}

/// <summary>A name in the current block.</summary>
internal sealed class NameTarget(string name) : Target
{
    public override void Assign(RenderState state, Scope scope, Value value) => scope.Set(name, value);
}

/// <summary>An attribute of a namespace: the one thing that outlives its block.</summary>
internal sealed class NamespaceTarget(NameExpression space, string name) : Target
{
    public override void Assign(RenderState state, Scope scope, Value value)
    {
        if (space.Evaluate(state, scope) is not NamespaceValue target)
            throw TemplateException.Unknown("cannot assign attribute on non-namespace object");
        state.Budget.TakeElements(1);
        target.Set(name, value);
    }
}

/// <summary>Several targets for the elements of a sequence.</summary>
internal sealed class TupleTarget(IReadOnlyList<Target> targets) : Target
{
    public override void Assign(RenderState state, Scope scope, Value value)
    {
        value.RequireDefined();
        IEnumerable<Value> items = value.Items ?? throw TemplateException.Type($"cannot unpack non-iterable {value.TypeName} object");
        List<Value> parts = state.Collect(items.Take(targets.Count + 1));
        if (parts.Count > targets.Count)
            throw TemplateException.Value($"too many values to unpack (expected {targets.Count})");
        if (parts.Count < targets.Count)
            throw TemplateException.Value($"not enough values to unpack (expected {targets.Count}, got {parts.Count})");
        for (int i = 0; i < parts.Count; i++)
            targets[i].Assign(state, scope, parts[i]);
    }
}
