using System.CommandLine;
using LocalInference.Bench;
using LocalInference.Bench.Load;

// Ctrl-C leaves the time that a server started here may take to stop; without it that server would be left behind.
return await Commands.Parse(args).InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = OwnServer.StopLimit + TimeSpan.FromSeconds(5) });
