using LocalInference.Quantize.Commands;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>The command line without a process: what it says and how it ends.</summary>
/// <param name="ExitCode">0, or 1.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Cli(int ExitCode, string Output, string Error)
{
    public static Cli Run(params string[] arguments) => RunOn(new LocalDisk(), arguments);

    public static Cli RunOn(IDisk disk, params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = CommandLine.Parse(disk, arguments).Invoke(
            new() { Output = TextWriter.Synchronized(output), Error = TextWriter.Synchronized(error) });
        return new Cli(code, output.ToString(), error.ToString());
    }

    /// <summary>Fails unless the run went well.</summary>
    public Cli Succeeded()
    {
        Assert.True(ExitCode == 0, Error);
        return this;
    }
}
