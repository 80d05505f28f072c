using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary>How execution goes on after a statement.</summary>
internal enum Flow
{
    /// <summary>With the next one.</summary>
    Next,

    /// <summary>After the innermost loop.</summary>
    Break,

    /// <summary>With the innermost loop's next round.</summary>
    Continue,
}

/// <summary>A part of a compiled template that does something.</summary>
/// <param name="line">Where it stands, for errors.</param>
internal abstract class Statement(int line)
{
    public Flow Execute(RenderState state, Scope scope)
    {
        state.Line = line;
        state.Budget.TakeStep();
        return Run(state, scope);
    }

    protected abstract Flow Run(RenderState state, Scope scope);
}

/// <summary>Statements one after the other.</summary>
internal sealed class Body(IReadOnlyList<Statement> statements)
{
    public static readonly Body Empty = new([]);

    public Flow Execute(RenderState state, Scope scope)
    {
        RenderBudget.CheckStack();
        foreach (Statement statement in statements)
        {
            Flow flow = statement.Execute(state, scope);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    /// <summary>Executes into a text of its own.</summary>
    public Flow Capture(RenderState state, Scope scope, out StringValue text)
    {
        Flow flow = Flow.Next;
        text = state.Capture(() => flow = Execute(state, scope));
        return flow;
    }
}

/// <summary>The template's own text.</summary>
internal sealed class TextStatement(int line, string text) : Statement(line)
{
    private readonly StringValue _text = new(text, isInput: false);

    protected override Flow Run(RenderState state, Scope scope)
    {
        state.Output.Append(_text);
        return Flow.Next;
    }
}

/// <summary><c>{{ … }}</c></summary>
internal sealed class OutputStatement(int line, Expression expression) : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        state.Output.Append(state.Text(expression.Evaluate(state, scope)));
        return Flow.Next;
    }
}

/// <summary><c>{% break %}</c>, <c>{% continue %}</c></summary>
internal sealed class FlowStatement(int line, Flow flow) : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope) => flow;
}

/// <summary><c>{% if %}</c>, whose branches bind names outside.</summary>
internal sealed class IfStatement(int line, IReadOnlyList<(Expression Condition, Body Body)> branches, Body otherwise) : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        foreach ((Expression condition, Body body) in branches)
            if (condition.Evaluate(state, scope).IsTrue)
                return body.Execute(state, scope);
        return otherwise.Execute(state, scope);
    }
}

/// <summary>A block whose names end with it (<c>with</c>, <c>block</c>, <c>generation</c>, <c>autoescape false</c>).</summary>
/// <param name="line">Where it stands.</param>
/// <param name="bindings">Names and values, all evaluated outside.</param>
/// <param name="body">What it holds.</param>
internal sealed class ScopeStatement(int line, IReadOnlyList<(Target Target, Expression Value)> bindings, Body body) : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        Scope inner = new(scope);
        foreach ((Target target, Expression value) in bindings)
            target.Assign(state, inner, value.Evaluate(state, scope));
        return body.Execute(state, inner);
    }
}

/// <summary><c>{% set a = … %}</c></summary>
internal sealed class SetStatement(int line, Target target, Expression value) : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        target.Assign(state, scope, value.Evaluate(state, scope));
        return Flow.Next;
    }
}

/// <summary>
/// <c>{% set a %}…{% endset %}</c> and <c>{% filter f %}…{% endfilter %}</c>: a text made by a body, filtered, kept or written.
/// </summary>
/// <param name="line">Where it stands.</param>
/// <param name="target">What is bound; null writes the text.</param>
/// <param name="captured">What the filters see as their subject.</param>
/// <param name="filtered">The filters around it; the same expression where there are none.</param>
/// <param name="body">What makes the text.</param>
internal sealed class CaptureStatement(int line, Target? target, CapturedExpression captured, Expression filtered, Body body)
    : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        Flow flow = body.Capture(state, new Scope(scope), out StringValue text);
        if (flow != Flow.Next)
            return flow;
        Scope filters = new(scope);
        filters.Set(captured.Name, text);
        Value value = filtered.Evaluate(state, filters);
        if (target is null)
            state.Output.Append(state.Text(value));
        else
            target.Assign(state, scope, value);
        return Flow.Next;
    }
}

/// <summary>The text that a body made, seen from the filters around it, under a name that no template can write.</summary>
internal sealed class CapturedExpression : Expression
{
    public string Name => "the captured text";

    public override Value Evaluate(RenderState state, Scope scope) => scope.Find(Name)!;
}
