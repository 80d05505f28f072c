using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary><c>{% for %}</c>. Every round has names of its own.</summary>
/// <param name="line">Where it stands.</param>
/// <param name="target">What an element is bound to.</param>
/// <param name="source">What is gone through.</param>
/// <param name="filter">Which elements count; null for all.</param>
/// <param name="body">One round.</param>
/// <param name="otherwise">For when no round was run to its end.</param>
/// <param name="isRecursive">Whether the loop can be called with further sequences.</param>
internal sealed class ForStatement(
    int line, Target target, Expression source, Expression? filter, Body body, Body otherwise, bool isRecursive)
    : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        RunLoop(state, scope, source.Evaluate(state, scope), depth: 0);
        return Flow.Next;
    }

    private void RunLoop(RenderState state, Scope scope, Value sequence, int depth)
    {
        IEnumerable<Value> items = sequence.Iterate();
        Func<Value, StringValue>? recurse = isRecursive ? inner => Recurse(state, scope, inner, depth + 1) : null;
        LoopValue loop =
            new(filter is null ? items : Filtered(state, scope, items), filter is null ? sequence.Length : null, recurse, depth);
        bool wasCompleted = false;
        while (loop.MoveNext(out Value? item))
        {
            state.Budget.TakeStep();
            Scope round = new(scope);
            round.Set("loop", loop);
            target.Assign(state, round, item);
            Flow flow = body.Execute(state, round);
            if (flow == Flow.Break)
                break;
            wasCompleted |= flow == Flow.Next;
        }
        if (!wasCompleted)
            otherwise.Execute(state, new Scope(scope));
    }

    // The condition is asked as the loop reaches each element, since it may look at what earlier rounds left in a namespace.
    private IEnumerable<Value> Filtered(RenderState state, Scope scope, IEnumerable<Value> items)
    {
        foreach (Value item in items)
        {
            state.Budget.TakeStep();
            Scope asked = new(scope);
            target.Assign(state, asked, item);
            if (filter!.Evaluate(state, asked).IsTrue)
                yield return item;
        }
    }

    private StringValue Recurse(RenderState state, Scope scope, Value sequence, int depth)
    {
        state.Budget.Enter();
        StringValue text = state.Capture(() => RunLoop(state, scope, sequence, depth));
        state.Budget.Leave();
        return text;
    }
}
