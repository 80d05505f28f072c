using Microsoft.Extensions.Logging;

namespace LocalInference.Text;

/// <summary>What reading a model's text files writes to the log. Events 200 to 299.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Warning, "{Correction}")]
    public static partial void Corrected(ILogger logger, string correction);

    [LoggerMessage(201, LogLevel.Warning, "'{Folder}': tokenizer.json has ids up to {Highest}, the graph's logits only {Columns} columns. "
        + "Prompts that need the ids beyond are refused.")]
    public static partial void TokensBeyondGraph(ILogger logger, string folder, int highest, int columns);
}
