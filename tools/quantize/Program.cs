using System.CommandLine;
using System.CommandLine.Invocation;
using LocalInference.Quantize.Commands;

ParseResult parsed = CommandLine.Create().Parse(args);
// The errors say what to do; the help between them and the prompt would hide them.
if (parsed.Action is ParseErrorAction errors)
    errors.ShowHelp = false;
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
