using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LocalInference.Host.Commands;

/// <summary>
/// The usual help, but a list of commands shows the first line of each description only; the command's own help shows all of it.
/// </summary>
internal sealed class Help(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Takes the place of a command line's help.</summary>
    public static void Shorten(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new Help((HelpAction)option.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        // Changed for good: the process ends when its help has been shown.
        foreach (Command listed in parseResult.CommandResult.Command.Subcommands)
            listed.Description = listed.Description?.Split('\n')[0].TrimEnd();
        return usual.Invoke(parseResult);
    }
}
