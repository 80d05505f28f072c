using System.Runtime.CompilerServices;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>What a rendering has left of its <see cref="TemplateLimits"/>.</summary>
internal sealed class RenderBudget(TemplateLimits limits)
{
    private const int CharactersPerElement = 8;

    // The largest integer, in bits: far beyond what a prompt prints, small enough that no product of two takes noticeable time.
    private const long IntegerBits = 65_536;

    private int _steps = limits.Steps;
    private long _characters = limits.Characters;
    private int _depth;

    public TemplateLimits Limits => limits;

    public void TakeStep()
    {
        if (--_steps < 0)
            throw TemplateException.Limit($"The template ran more than {limits.Steps} steps; it may loop without end.");
    }

    public void TakeCharacters(long count)
    {
        if ((_characters -= count) < 0)
            throw TemplateException.Limit($"The template built more than {limits.Characters} characters of text and lists.");
    }

    public void TakeElements(long count) => TakeCharacters(count * CharactersPerElement);

    public static void CheckBits(long bits)
    {
        if (bits > IntegerBits)
            throw TemplateException.Limit($"The template computed an integer of more than {IntegerBits} bits.");
    }

    /// <summary>One level deeper, until <see cref="Leave"/>.</summary>
    public void Enter()
    {
        if (++_depth > limits.Depth)
            throw TemplateException.Limit($"The template nests calls or values more than {limits.Depth} deep.");
        CheckStack();
    }

    public void Leave() => _depth--;

    /// <summary>For recursion over the template itself, whose depth only its author bounds.</summary>
    public static void CheckStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw TemplateException.Limit("The template nests expressions or values too deep.");
    }
}
