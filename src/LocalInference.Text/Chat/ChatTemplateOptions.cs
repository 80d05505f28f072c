using LocalInference.Text.Chat.Jinja;

namespace LocalInference.Text.Chat;

/// <summary>How a chat template is rendered.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>The defaults.</summary>
    public static ChatTemplateOptions Default { get; } = new();

    /// <summary>What one rendering may take.</summary>
    public TemplateLimits Limits { get; init; } = TemplateLimits.Default;

    /// <summary>How strictly the template is read.</summary>
    /// <value>Default <see cref="TemplateReading.Lenient"/>: published templates need it.</value>
    public TemplateReading Reading { get; init; } = TemplateReading.Lenient;

    /// <summary>What <c>strftime_now</c> asks, in local time.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
