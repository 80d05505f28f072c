using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalInference.Text.Tokenization;

namespace LocalInference.Host.Commands;

/// <summary>What the two tokenizer commands share: naming a tokenizer, loading it, running over the lines.</summary>
internal static class TokenizerOption
{
    public static Option<string> Create() => new("--tokenizer")
    {
        Description = "A folder with tokenizer.json (plain or .gz), tokenizer.model or a .tiktoken file; or a tokenizer.json itself.",
        HelpName = "FOLDER_OR_FILE",
        Required = true,
    };

    /// <summary>Loads the tokenizer and answers all lines of standard input.</summary>
    /// <param name="path">What the option named.</param>
    /// <param name="cancelled">Ends the run.</param>
    /// <param name="prepare">
    /// Gives the answer to a line; an <see cref="InvalidDataException"/> ends the command before any line is read.
    /// </param>
    public static async Task<int> RunAsync(
        string path, CancellationToken cancelled, Func<TokenizerFolder, Func<JsonElement, JsonObject>> prepare)
    {
        Func<JsonElement, JsonObject> answer;
        try
        {
            answer = prepare(File.Exists(path)
                ? new TokenizerFolder(ByteLevelBpeTokenizer.Load(path), TokenizerConfig.Empty)
                : TokenizerFolder.Load(path));
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(fault.Message);
            return ExitCodes.ModelNotLoaded;
        }
        await JsonLines.RunAsync(answer, cancelled);
        return ExitCodes.Success;
    }
}
