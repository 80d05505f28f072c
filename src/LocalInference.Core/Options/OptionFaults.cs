using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace LocalInference.Core.Options;

/// <summary>
/// Checks options against their attributes and their own rules, and reports every fault at once, each by its full key. Whoever takes
/// options asks here, so that a fault reads the same whether a command line, a file or an application made it.
/// </summary>
/// <remarks>
/// .NET's own validator stops before <see cref="IValidatableObject"/> when an attribute has failed, and knows nothing of keys.
/// </remarks>
public static class OptionFaults
{
    /// <summary>All faults of a tree of options; empty when it is valid.</summary>
    /// <param name="options">Its properties of LocalInference's own option classes are checked too.</param>
    /// <param name="section">The key prefix of <paramref name="options"/>; "" for the root.</param>
    public static IReadOnlyList<string> Of(object options, string section = "")
    {
        List<string> faults = [];
        Collect(options, section, faults);
        return faults;
    }

    /// <summary>Refuses options that have a fault.</summary>
    /// <param name="options">What is checked.</param>
    /// <param name="section">Its key prefix; "" for the root.</param>
    /// <exception cref="ArgumentException">The message lists every fault, one a line.</exception>
    public static void ThrowIfAny(object options, string section = "")
    {
        if (Of(options, section) is { Count: > 0 } faults) throw new ArgumentException(string.Join(Environment.NewLine, faults));
    }

    /// <summary>The properties of a class of options that can be set; the others only say something about those.</summary>
    public static IEnumerable<PropertyInfo> Settable(Type options) => options.GetProperties().Where(p => p.CanWrite);

    /// <summary>Whether a property is a section of its own rather than a value.</summary>
    public static bool IsSection(PropertyInfo property) =>
        property.PropertyType is { IsClass: true, IsArray: false, Namespace: { } space }
        && space.StartsWith(nameof(LocalInference), StringComparison.Ordinal);

    private static void Collect(object options, string section, List<string> faults)
    {
        foreach (PropertyInfo property in Settable(options.GetType()))
        {
            string key = Key(section, property.Name);
            object? value = property.GetValue(options);
            if (IsSection(property))
                Collect(value!, key, faults);
            else
                foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
                    if (!rule.IsValid(value)) faults.Add(Sentence(key, value, rule));
        }
        if (options is IValidatableObject own)
            foreach (ValidationResult fault in own.Validate(new ValidationContext(options)))
                faults.Add(fault.ErrorMessage!);
    }

    private static string Sentence(string key, object? value, ValidationAttribute rule) => rule switch
    {
        RequiredAttribute => $"{key}: a value is required.",
        EnumDataTypeAttribute names => $"{key}: found '{value}', allowed is {string.Join(", ", Enum.GetNames(names.EnumType))}.",
        RangeAttribute range => $"{key}: found {value}, allowed is {range.Minimum} to {range.Maximum}.",
        _ => $"{key}: {rule.FormatErrorMessage(key)}",
    };

    private static string Key(string section, string name) => section.Length == 0 ? name : $"{section}:{name}";
}
