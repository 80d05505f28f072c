using LocalInference.Text.Chat.Jinja.Library;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary>A part of a compiled template that has a value.</summary>
internal abstract class Expression
{
    public abstract Value Evaluate(RenderState state, Scope scope);
}

/// <summary>An expression with others inside it; how deep they nest only the template's author decides, so the stack is watched.</summary>
internal abstract class CompositeExpression : Expression
{
    public sealed override Value Evaluate(RenderState state, Scope scope)
    {
        RenderBudget.CheckStack();
        return Compute(state, scope);
    }

    protected abstract Value Compute(RenderState state, Scope scope);
}

/// <summary>A constant.</summary>
internal sealed class LiteralExpression(Value value) : Expression
{
    public Value Value => value;

    public override Value Evaluate(RenderState state, Scope scope) => value;
}

/// <summary>A variable: a name that the template bound, else one that it was given, else a function that every template has.</summary>
internal sealed class NameExpression(string name) : Expression
{
    public override Value Evaluate(RenderState state, Scope scope) =>
        scope.Find(name) ?? state.Variables.GetValueOrDefault(name) ?? Globals.All.GetValueOrDefault(name) ?? UndefinedValue.Variable(name);
}

/// <summary>A list or tuple display.</summary>
internal sealed class ListExpression(IReadOnlyList<Expression> elements, bool isTuple) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        state.Budget.TakeElements(elements.Count);
        Value[] values = new Value[elements.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = elements[i].Evaluate(state, scope);
        return new ListValue(values, isTuple);
    }
}

/// <summary>A dict display.</summary>
internal sealed class MappingExpression(IReadOnlyList<(Expression Key, Expression Value)> entries) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        state.Budget.TakeElements(2 * entries.Count);
        MappingValue mapping = new();
        foreach ((Expression key, Expression value) in entries)
            mapping.Set(key.Evaluate(state, scope), value.Evaluate(state, scope));
        return mapping;
    }
}

/// <summary><c>a.b</c></summary>
internal sealed class AttributeExpression(Expression owner, string name) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope) => Attributes.Get(owner.Evaluate(state, scope), name);
}

/// <summary><c>a[b]</c></summary>
internal sealed class ItemExpression(Expression owner, Expression key) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope) =>
        Attributes.GetItem(state, owner.Evaluate(state, scope), key.Evaluate(state, scope));
}

/// <summary><c>a[b:c:d]</c>; what is left out is None.</summary>
internal sealed class SliceExpression(Expression owner, Expression start, Expression stop, Expression step) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope) =>
        Slicing.Slice(
            state, owner.Evaluate(state, scope), start.Evaluate(state, scope), stop.Evaluate(state, scope), step.Evaluate(state, scope));
}

/// <summary><c>a if b else c</c>; without an else an undefined value.</summary>
internal sealed class ConditionalExpression(Expression condition, Expression whenTrue, Expression? whenFalse) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        if (condition.Evaluate(state, scope).IsTrue)
            return whenTrue.Evaluate(state, scope);
        return whenFalse?.Evaluate(state, scope)
            ?? UndefinedValue.Because("the inline if-expression evaluated to false and no else section was defined.");
    }
}

/// <summary><c>x | name(…)</c></summary>
internal sealed class FilterExpression(Expression subject, string name, ArgumentList arguments) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        state.Budget.TakeStep();
        return Filters.Call(state, name, subject.Evaluate(state, scope), arguments.Evaluate(state, scope));
    }
}

/// <summary><c>x is name(…)</c></summary>
internal sealed class TestExpression(Expression subject, string name, ArgumentList arguments) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope) =>
        BoolValue.Of(Tests.Holds(state, name, subject.Evaluate(state, scope), arguments.Evaluate(state, scope)));
}

/// <summary><c>f(…)</c></summary>
internal sealed class CallExpression(Expression callee, ArgumentList arguments) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope) => Call(state, scope, null);

    /// <summary>The call of a call block, which passes its body as <c>caller</c>.</summary>
    public Value Call(RenderState state, Scope scope, Value? caller)
    {
        state.Budget.TakeStep();
        Value function = callee.Evaluate(state, scope);
        CallArguments given = arguments.Evaluate(state, scope);
        if (caller is not null)
            given = given with { Named = [.. given.Named, new("caller", caller)] };
        return function switch
        {
            CallableValue callable => callable.Call(state, given),
            UndefinedValue missing => throw missing.Error(),
            _ => throw TemplateException.Type($"'{function.TypeName}' object is not callable"),
        };
    }
}
