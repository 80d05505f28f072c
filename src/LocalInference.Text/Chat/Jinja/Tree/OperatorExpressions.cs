using LocalInference.Text.Chat.Jinja.Library;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary>An operator between two operands, both of which are evaluated.</summary>
internal sealed class BinaryExpression(Func<RenderState, Value, Value, Value> operation, Expression left, Expression right)
    : CompositeExpression
{
    /// <summary>The arithmetic operators by their sign.</summary>
    public static readonly IReadOnlyDictionary<string, Func<RenderState, Value, Value, Value>> Operations =
        new Dictionary<string, Func<RenderState, Value, Value, Value>>
    {
        ["+"] = Operators.Add,
        ["-"] = static (_, a, b) => Operators.Subtract(a, b),
        ["*"] = Operators.Multiply,
        ["/"] = static (_, a, b) => Operators.Divide(a, b),
        ["//"] = static (_, a, b) => Operators.FloorDivide(a, b),
        ["%"] = Operators.Modulo,
        ["**"] = static (_, a, b) => Operators.Power(a, b),
    };

    protected override Value Compute(RenderState state, Scope scope) =>
        operation(state, left.Evaluate(state, scope), right.Evaluate(state, scope));
}

/// <summary>An operator before one operand.</summary>
internal sealed class UnaryExpression(Func<Value, Value> operation, Expression operand) : CompositeExpression
{
    public static UnaryExpression Not(Expression operand) => new(static value => BoolValue.Of(!value.IsTrue), operand);

    protected override Value Compute(RenderState state, Scope scope) => operation(operand.Evaluate(state, scope));
}

/// <summary><c>and</c>, <c>or</c>: the value that decides; the right side only if it is needed.</summary>
internal sealed class LogicExpression(bool isAnd, Expression left, Expression right) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        Value first = left.Evaluate(state, scope);
        return first.IsTrue == isAnd ? right.Evaluate(state, scope) : first;
    }
}

/// <summary><c>a ~ b ~ c</c>: everything as text, put together.</summary>
internal sealed class ConcatExpression(IReadOnlyList<Expression> parts) : CompositeExpression
{
    protected override Value Compute(RenderState state, Scope scope)
    {
        TextBuilder text = new(state.Budget);
        foreach (Expression part in parts)
            text.Append(state.Text(part.Evaluate(state, scope)));
        return text.ToValue();
    }
}

/// <summary>A chain of comparisons, <c>a &lt; b &lt;= c</c>: each operand once, until one does not hold.</summary>
internal sealed class CompareExpression(Expression first, IReadOnlyList<(string Operator, Expression Operand)> rest) : CompositeExpression
{
    /// <summary>The comparisons by their sign.</summary>
    public static readonly IReadOnlyDictionary<string, Func<RenderState, Value, Value, bool>> Operations =
        new Dictionary<string, Func<RenderState, Value, Value, bool>>
    {
        ["=="] = static (state, a, b) => state.Equality.Equals(a, b),
        ["!="] = static (state, a, b) => !state.Equality.Equals(a, b),
        ["<"] = Comparisons.Less,
        ["<="] = Comparisons.LessOrEqual,
        [">"] = Comparisons.Greater,
        [">="] = Comparisons.GreaterOrEqual,
        ["in"] = static (state, a, b) => Comparisons.Contains(state, b, a),
        ["not in"] = static (state, a, b) => !Comparisons.Contains(state, b, a),
    };

    protected override Value Compute(RenderState state, Scope scope)
    {
        Value left = first.Evaluate(state, scope);
        foreach ((string sign, Expression operand) in rest)
        {
            Value right = operand.Evaluate(state, scope);
            if (!Operations[sign](state, left, right))
                return BoolValue.False;
            left = right;
        }
        return BoolValue.True;
    }
}
