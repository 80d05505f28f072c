using System.ComponentModel.DataAnnotations;

namespace LocalInference.Text.Chat.Jinja;

/// <summary>
/// What one rendering may take. A template comes with a downloaded model and a conversation from anybody, so neither may
/// keep a thread for ever or fill the memory; beyond a limit rendering fails with <see cref="TemplateErrorKind.Limit"/>.
/// </summary>
public sealed record TemplateLimits
{
    /// <summary>The defaults.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>Statements, loop rounds and calls in one rendering.</summary>
    /// <value>
    /// Default 20,000,000, about two seconds of work. DeepSeek-V3.2's template, quadratic in tool results, needs 1.7 million for 500 of
    /// them.
    /// </value>
    [Range(1_000, 1_000_000_000)]
    public int Steps { get; init; } = 20_000_000;

    /// <summary>
    /// Characters of all texts and lists that one rendering builds, intermediate ones included (a list element counts as 8).
    /// </summary>
    /// <value>
    /// Default 67,108,864 (128 MiB of text), some thirty times what a 128k-token conversation needs (templates copy each message two to
    /// four times).
    /// </value>
    [Range(1_000, 1_000_000_000)]
    public int Characters { get; init; } = 64 * 1024 * 1024;

    /// <summary>Macro calls, recursive loops and nested values inside each other.</summary>
    /// <value>Default 200. Jinja itself stops at Python's recursion limit, about as many macro calls.</value>
    [Range(10, 1_000)]
    public int Depth { get; init; } = 200;

    /// <summary>Numbers in one <c>range(…)</c>.</summary>
    /// <value>Default 100,000, the sandbox's own limit in Jinja.</value>
    [Range(1, 10_000_000)]
    public int RangeLength { get; init; } = 100_000;
}
