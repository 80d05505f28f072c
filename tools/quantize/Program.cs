using System.CommandLine;
using System.CommandLine.Invocation;
using LocalInference.Quantize.Commands;

RootCommand root = new("Makes a folder that LocalInference and onnxruntime-genai serve out of a Hugging Face checkpoint.");
ConvertCommand.AddTo(root);
root.Add(CompareCommand.Create());
root.Add(InspectCommand.Create());
ParseResult parsed = root.Parse(args);
// The errors say what to do; the help between them and the prompt would hide them.
if (parsed.Action is ParseErrorAction errors)
    errors.ShowHelp = false;
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
