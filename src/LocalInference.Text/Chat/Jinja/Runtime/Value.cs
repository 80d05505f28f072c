using System.Numerics;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>
/// A value of the template language, which is Python's data model: immutable except for namespaces, as the sandbox wants it.
/// </summary>
internal abstract class Value
{
    /// <summary>The type's name in Python, for error messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Python's <c>bool(x)</c>.</summary>
    public virtual bool IsTrue => true;

    /// <summary>Python's <c>len(x)</c>; null where there is none.</summary>
    public virtual int? Length => null;

    /// <summary>Python's <c>iter(x)</c>; null where there is none.</summary>
    public virtual IEnumerable<Value>? Items => null;

    /// <summary>An attribute of the object itself; null where there is none (methods of the built-in types live in the library).</summary>
    public virtual Value? Attribute(string name) => null;

    /// <summary>How messages name an object of this type, after Jinja.</summary>
    public virtual string Described => $"{TypeName} object";

    /// <summary>Throws the error that a missing value carries.</summary>
    public void RequireDefined()
    {
        if (this is UndefinedValue missing)
            throw missing.Error();
    }

    /// <summary>The elements, or the type error that Python would raise.</summary>
    public IEnumerable<Value> Iterate() => Items ?? throw TemplateException.Type($"'{TypeName}' object is not iterable");
}

/// <summary>Python's None.</summary>
internal sealed class NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    private NoneValue() { }

    public override string TypeName => "NoneType";

    public override string Described => "None";

    public override bool IsTrue => false;
}

/// <summary>Python's bool, a number in arithmetic.</summary>
internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);
    public static readonly BoolValue False = new(false);

    private BoolValue(bool flag) => Flag = flag;

    public bool Flag { get; }

    public override string TypeName => "bool";

    public override bool IsTrue => Flag;

    public static BoolValue Of(bool flag) => flag ? True : False;
}

/// <summary>Python's int, of any size.</summary>
internal sealed class IntegerValue(BigInteger number) : Value
{
    public static readonly IntegerValue Zero = new(0);

    public BigInteger Number { get; } = number;

    public override string TypeName => "int";

    public override bool IsTrue => !Number.IsZero;
}

/// <summary>Python's float.</summary>
internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool IsTrue => Number != 0;
}

/// <summary>
/// What a missing variable, key or attribute gives. It prints as nothing, is false, empty and iterable; anything else that is
/// asked of it is the error that it carries.
/// </summary>
internal sealed class UndefinedValue(TemplateErrorKind kind, string words) : Value
{
    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public override int? Length => 0;

    public override IEnumerable<Value> Items => [];

    public TemplateException Error() => new(kind, words);

    public static UndefinedValue Variable(string name) => new(TemplateErrorKind.Undefined, $"'{name}' is undefined");

    public static UndefinedValue Because(string words) => new(TemplateErrorKind.Undefined, words);

    public static UndefinedValue AttributeOf(Value owner, string name) =>
        Because($"'{owner.Described}' has no attribute '{name}'");

    public static UndefinedValue Unsafe(Value owner, string name) =>
        new(TemplateErrorKind.Security, $"access to attribute '{name}' of '{owner.TypeName}' object is unsafe.");
}
