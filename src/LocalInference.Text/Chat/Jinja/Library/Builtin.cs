using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>A filter, test, method or function of the library: its parameters, and what it does with its subject.</summary>
internal sealed class Builtin
{
    private readonly string[]? _parameters;
    private readonly int _required;
    private readonly Func<RenderState, Value, Arguments, Value> _body;

    /// <param name="signature">Parameter names in order, those that must come marked with <c>!</c>; <c>*</c> alone takes anything.</param>
    /// <param name="body">Gets the subject and the bound arguments.</param>
    public Builtin(string signature, Func<RenderState, Value, Arguments, Value> body)
    {
        string[] names = signature.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _required = names.Count(static name => name.EndsWith('!'));
        _parameters = signature == "*" ? null : [.. names.Select(static name => name.TrimEnd('!'))];
        _body = body;
    }

    public Value Call(string name, RenderState state, Value subject, CallArguments arguments) =>
        _body(state, subject, new Arguments(name, _parameters is null ? [] : arguments.Bind(name, _parameters, _required), arguments));

    /// <summary>As an object that a template can hold: a method bound to its subject.</summary>
    public FunctionValue Bind(string name, Value subject) => new(name, (state, arguments) => Call(name, state, subject, arguments));
}

/// <summary>Arguments laid out by parameter.</summary>
/// <param name="Callee">For error messages.</param>
/// <param name="Bound">By parameter; null where none came.</param>
/// <param name="Raw">As they came.</param>
internal readonly record struct Arguments(string Callee, Value?[] Bound, CallArguments Raw)
{
    public Value? this[int index] => Bound[index];

    /// <summary>Whether the argument is absent or None.</summary>
    public bool IsNone(int index) => Bound[index] is null or NoneValue;

    public bool Flag(int index) => Bound[index]?.IsTrue ?? false;

    public int Int(int index, int byDefault) => Bound[index] is { } value ? Numbers.RequireInt(value) : byDefault;

    public StringValue Text(int index) => Bound[index] as StringValue
        ?? throw TemplateException.Type($"{Callee}() argument {index + 1} must be str, not {Bound[index]?.TypeName ?? "missing"}");

    public StringValue Text(int index, string byDefault) => Bound[index] is null ? new StringValue(byDefault, isInput: false) : Text(index);
}
