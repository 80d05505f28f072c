using System.CommandLine;
using LocalInference.Quantize.Commands;
using LocalInference.Quantize.Folders;

// Ctrl-C and SIGTERM cancel the work, which then removes what it wrote; only loading a large model to measure it cannot be cut short.
return await CommandLine.Parse(new LocalDisk(), args).InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
