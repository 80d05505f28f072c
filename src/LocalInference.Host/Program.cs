using System.CommandLine;
using System.CommandLine.Invocation;
using LocalInference.Host.Commands;
using LocalInference.Host.Settings;

RootCommand root = new("LocalInference: a DeepSeek-family model in one process, served over OpenAI's /v1 or asked by JSON lines.")
{
    ServeCommand.Create(),
    GenerateCommand.Create(),
    TokenizeCommand.Create(),
    DetokenizeCommand.Create(),
    RenderCommand.Create(),
};

Help.Shorten(root);
ParseResult parsed = root.Parse(SettingArguments.Normalise(args));
// The errors say what to do, on standard error; help and guesses at what was meant would go to standard output, which is for results.
if (parsed.Action is ParseErrorAction errors) (errors.ShowHelp, errors.ShowTypoCorrections) = (false, false);
// Our own host handles SIGTERM: it lets running answers finish. The default would end the process after two seconds.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
