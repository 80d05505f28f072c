using System.CommandLine;
using System.CommandLine.Invocation;
using LocalInference.Bench.Kernels;
using LocalInference.Bench.Load;
using LocalInference.Bench.Step;
using LocalInference.Bench.Tokenization;

namespace LocalInference.Bench;

/// <summary>The program's command line, with all its commands.</summary>
internal static class Commands
{
    /// <summary>What shells report of a program that Ctrl-C ended.</summary>
    public const int Interrupted = 130;

    /// <summary>
    /// Reads a command line; running it gives the exit code: 0, 1 with a message on standard error, or <see cref="Interrupted"/>.
    /// </summary>
    public static ParseResult Parse(params string[] arguments)
    {
        // What stands after "--" is the server's own; keeping it from the parser leaves every misspelt option an error.
        string[] own = [.. arguments.TakeWhile(a => a != "--")];
        RootCommand root = new("Measures LocalInference and its like.")
        {
            LoadCommand.Create(serverArguments: arguments[Math.Min(own.Length + 1, arguments.Length)..]),
            StepCommand.Create(),
            KernelCommand.Create(),
            TextCommand.Create(),
        };
        ParseResult parsed = root.Parse(own);
        // The errors say what to do; help and guesses at what was meant would hide them, and standard output is for results.
        if (parsed.Action is ParseErrorAction errors) (errors.ShowHelp, errors.ShowTypoCorrections) = (false, false);
        return parsed;
    }
}
