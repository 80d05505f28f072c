using System.CommandLine;
using System.CommandLine.Invocation;
using LocalInference.Bench.Kernels;
using LocalInference.Bench.Load;
using LocalInference.Bench.Step;
using LocalInference.Bench.Tokenization;

// What stands after "--" is the server's own; keeping it from the parser leaves every misspelt option an error.
string[] own = [.. args.TakeWhile(a => a != "--")];
RootCommand root = new("Measures LocalInference and its like.")
{
    LoadCommand.Create(serverArguments: args[Math.Min(own.Length + 1, args.Length)..]),
    StepCommand.Create(),
    KernelCommand.Create(),
    TextCommand.Create(),
};
ParseResult parsed = root.Parse(own);
// The errors say what to do; help and guesses at what was meant would hide them, and standard output is for results.
if (parsed.Action is ParseErrorAction errors) (errors.ShowHelp, errors.ShowTypoCorrections) = (false, false);
// Ctrl-C leaves the time that a server started here may take to stop; without it that server would be left behind.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = OwnServer.StopLimit + TimeSpan.FromSeconds(5) });
