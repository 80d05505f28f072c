using System.Numerics;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's arithmetic. An undefined operand is always its own error.</summary>
internal static class Operators
{
    public static Value Add(RenderState state, Value left, Value right)
    {
        left.RequireDefined();
        right.RequireDefined();
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                return new TextBuilder(state.Budget).Append(a).Append(b).ToValue();
            case (ListValue a, ListValue b) when a.IsTuple == b.IsTuple:
                return new ListValue(state.Collect(a.Elements.Concat(b.Elements)), a.IsTuple);
            case (StringValue or ListValue, _):
                throw TemplateException.Type($"can only concatenate {left.TypeName} (not \"{right.TypeName}\") to {left.TypeName}");
        }
        return Compute("+", left, right, static (a, b) => a + b, static (a, b) => a + b);
    }

    public static Value Subtract(Value left, Value right) => Compute("-", left, right, static (a, b) => a - b, static (a, b) => a - b);

    public static Value Multiply(RenderState state, Value left, Value right)
    {
        left.RequireDefined();
        right.RequireDefined();
        if (left is StringValue or ListValue && Numbers.TryGetInteger(right, out _))
            return Repeat(state, left, Numbers.RequireInt(right));
        if (right is StringValue or ListValue && Numbers.TryGetInteger(left, out _))
            return Repeat(state, right, Numbers.RequireInt(left));
        return Compute("*", left, right, MultiplyIntegers, static (a, b) => a * b);
    }

    public static Value Divide(Value left, Value right)
    {
        (Number a, Number b) = RequireNumbers("/", left, right);
        RequireNonZero(b, "division by zero");
        return new FloatValue(a.AsFloat / b.AsFloat);
    }

    public static Value FloorDivide(Value left, Value right)
    {
        (Number a, Number b) = RequireNumbers("//", left, right);
        RequireNonZero(b, b.IsInteger && a.IsInteger ? "integer division or modulo by zero" : "float floor division by zero");
        if (!a.IsInteger || !b.IsInteger)
            return new FloatValue(Math.Floor((a.AsFloat - Modulo(a.AsFloat, b.AsFloat)) / b.AsFloat + 0.5));
        BigInteger quotient = BigInteger.DivRem(a.Integer, b.Integer, out BigInteger rest);
        return new IntegerValue(!rest.IsZero && rest.Sign != b.Integer.Sign ? quotient - 1 : quotient);
    }

    public static Value Modulo(RenderState state, Value left, Value right)
    {
        if (left is StringValue format)
            return PrintfFormat.Apply(state, format, right);
        (Number a, Number b) = RequireNumbers("%", left, right);
        RequireNonZero(b, b.IsInteger && a.IsInteger ? "integer modulo by zero" : "float modulo");
        if (!a.IsInteger || !b.IsInteger)
            return new FloatValue(Modulo(a.AsFloat, b.AsFloat));
        BigInteger rest = BigInteger.Remainder(a.Integer, b.Integer);
        return new IntegerValue(!rest.IsZero && rest.Sign != b.Integer.Sign ? rest + b.Integer : rest);
    }

    public static Value Power(Value left, Value right)
    {
        (Number a, Number b) = RequireNumbers("**", left, right);
        if (a.IsInteger && b.IsInteger && b.Integer.Sign >= 0)
        {
            if (a.Integer.IsZero || a.Integer.IsOne)
                return new IntegerValue(b.Integer.IsZero ? 1 : a.Integer);
            if (b.Integer > int.MaxValue)
                RenderBudget.CheckBits(long.MaxValue);
            RenderBudget.CheckBits((a.Integer.GetBitLength() - 1) * (long)b.Integer);
            return new IntegerValue(BigInteger.Pow(a.Integer, (int)b.Integer));
        }
        if (a.AsFloat == 0 && b.AsFloat < 0)
            throw TemplateException.Value("0.0 cannot be raised to a negative power");
        double power = Math.Pow(a.AsFloat, b.AsFloat);
        if (double.IsNaN(power) && !double.IsNaN(a.AsFloat) && !double.IsNaN(b.AsFloat))
            throw TemplateException.Value("a negative number cannot be raised to a fractional power here");
        return new FloatValue(power);
    }

    public static Value Negate(Value operand)
    {
        Number number = RequireNumber("-", operand);
        return number.IsInteger ? new IntegerValue(-number.Integer) : new FloatValue(-number.Float);
    }

    public static Value Plus(Value operand) => RequireNumber("+", operand).ToValue();

    private static Value Compute(
        string symbol, Value left, Value right, Func<BigInteger, BigInteger, BigInteger> integers, Func<double, double, double> floats)
    {
        (Number a, Number b) = RequireNumbers(symbol, left, right);
        return a.IsInteger && b.IsInteger ? new IntegerValue(integers(a.Integer, b.Integer)) : new FloatValue(floats(a.AsFloat, b.AsFloat));
    }

    private static BigInteger MultiplyIntegers(BigInteger left, BigInteger right)
    {
        RenderBudget.CheckBits(left.GetBitLength() + right.GetBitLength());
        return left * right;
    }

    private static Value Repeat(RenderState state, Value value, int count)
    {
        count = Math.Max(count, 0);
        if (value is ListValue list)
        {
            state.Budget.TakeElements((long)count * list.Elements.Count);
            int times = list.Elements.Count == 0 ? 0 : count;
            return new ListValue([.. Enumerable.Repeat(list.Elements, times).SelectMany(static elements => elements)], list.IsTuple);
        }
        TextBuilder text = new(state.Budget);
        for (int i = 0; i < count && value.IsTrue; i++)
            text.Append((StringValue)value);
        return text.ToValue();
    }

    private static double Modulo(double left, double right)
    {
        double rest = Math.IEEERemainder(left, right) is var nearest && nearest == 0 ? 0 : left % right;
        return rest != 0 && rest < 0 != right < 0 ? rest + right : rest;
    }

    private static (Number Left, Number Right) RequireNumbers(string symbol, Value left, Value right)
    {
        left.RequireDefined();
        right.RequireDefined();
        return Numbers.TryGet(left, out Number a) && Numbers.TryGet(right, out Number b)
            ? (a, b)
            : throw TemplateException.Type($"unsupported operand type(s) for {symbol}: '{left.TypeName}' and '{right.TypeName}'");
    }

    private static Number RequireNumber(string symbol, Value operand)
    {
        operand.RequireDefined();
        return Numbers.TryGet(operand, out Number number)
            ? number
            : throw TemplateException.Type($"bad operand type for unary {symbol}: '{operand.TypeName}'");
    }

    private static void RequireNonZero(Number divisor, string words)
    {
        if (divisor.IsInteger ? divisor.Integer.IsZero : divisor.Float == 0)
            throw TemplateException.Value(words);
    }
}
