using BenchmarkDotNet.Loggers;

namespace LocalInference.Bench.Kernels;

/// <summary>Tells on standard error which benchmark runs, and what failed; the library's own account goes to a file.</summary>
internal sealed class KernelLog : ILogger
{
    private const string Beginning = "// Benchmark: ";

    public string Id => nameof(KernelLog);

    public int Priority => 0;

    public void Write(LogKind logKind, string text)
    {
        if (logKind == LogKind.Error)
            Console.Error.Write(text);
    }

    public void WriteLine() => Write(LogKind.Default, Environment.NewLine);

    public void WriteLine(LogKind logKind, string text)
    {
        if (logKind == LogKind.Error)
            Console.Error.WriteLine(text);
        else if (text.StartsWith(Beginning, StringComparison.Ordinal))
            Console.Error.WriteLine($"{text[Beginning.Length..].Split(": ")[0]}{Parameters(text)} …");
    }

    public void Flush() => Console.Error.Flush();

    private static string Parameters(string text) => text.IndexOf('[') is > 0 and var at ? " " + text[at..] : "";
}
