using System.CommandLine;
using System.CommandLine.Invocation;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Commands;

/// <summary>The program's command line.</summary>
internal static class CommandLine
{
    /// <summary>Reads a command line; running it gives the exit code.</summary>
    /// <param name="disk">What folders are written to.</param>
    /// <param name="arguments">As the shell gives them.</param>
    public static ParseResult Parse(IDisk disk, params string[] arguments)
    {
        RootCommand root = new(
            "Makes a folder that LocalInference and onnxruntime-genai serve out of a Hugging Face checkpoint. "
            + "OUT appears whole or not at all. Exit code 0, or 1 with a message on standard error: bad input, a full disk, an "
            + "interruption (Ctrl-C, SIGTERM).");
        ConvertCommand.AddTo(root, disk);
        root.Add(CompareCommand.Create());
        root.Add(InspectCommand.Create());
        ParseResult parsed = root.Parse(arguments);
        // The errors say what to do; help and guesses at what was meant would stand between them and the prompt, and go to standard output.
        if (parsed.Action is ParseErrorAction errors)
            (errors.ShowHelp, errors.ShowTypoCorrections) = (false, false);
        return parsed;
    }
}
