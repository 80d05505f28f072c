using System.ComponentModel.DataAnnotations;
using LocalInference.Core.Options;

namespace LocalInference.Core.Tests.Options;

public sealed class OptionFaultsTests
{
    private sealed class Inner : IValidatableObject
    {
        [Range(1, 8)]
        public int Count { get; init; } = 4;

        public string? Name { get; init; }

        public bool HasName => Name is not null;

        public IEnumerable<ValidationResult> Validate(ValidationContext context)
        {
            if (Name == "bad") yield return new ValidationResult("Inner:Name: found 'bad'.", [nameof(Name)]);
            if (Name?.Length < 4) yield return new ValidationResult("Inner:Name: too short.", [nameof(Name)]);
        }
    }

    private sealed class Outer
    {
        [Required]
        public string Model { get; init; } = "";

        public Inner Inner { get; init; } = new();
    }

    [Fact]
    public void Of_ValidOptions_FindsNothing() => Assert.Empty(OptionFaults.Of(new Outer { Model = "m" }));

    [Fact]
    public void Of_SeveralFaults_ReportsAllByFullKey() => Assert.Equal(
        ["Model: a value is required.", "Inner:Count: found 9, allowed is 1 to 8.", "Inner:Name: found 'bad'.", "Inner:Name: too short."],
        OptionFaults.Of(new Outer { Inner = new Inner { Count = 9, Name = "bad" } }));

    [Fact]
    public void ThrowIfAny_AFault_ThrowsWithAllOfThem()
    {
        OptionFaults.ThrowIfAny(new Outer { Model = "m" });
        ArgumentException thrown = Assert.Throws<ArgumentException>(
            () => OptionFaults.ThrowIfAny(new Outer { Inner = new Inner { Count = 0 } }, "Section"));
        Assert.Equal(
            $"Section:Model: a value is required.{Environment.NewLine}Section:Inner:Count: found 0, allowed is 1 to 8.", thrown.Message);
    }
}
