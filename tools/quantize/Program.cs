using System.CommandLine;
using System.CommandLine.Invocation;
using LocalInference.Quantize.Commands;
using LocalInference.Quantize.Folders;

ParseResult parsed = CommandLine.Create(new LocalDisk()).Parse(args);
// The errors say what to do; help and guesses at what was meant would stand between them and the prompt, and go to standard output.
if (parsed.Action is ParseErrorAction errors)
    (errors.ShowHelp, errors.ShowTypoCorrections) = (false, false);
// Ctrl-C and SIGTERM cancel the work, which then removes what it wrote; only loading a large model to measure it cannot be cut short.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
