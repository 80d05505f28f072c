using System.CommandLine;
using LocalInference.Onnx.Models;
using LocalInference.Quantize.Conversion;

namespace LocalInference.Quantize.Commands;

/// <summary>What all commands share: exit codes, where they print, errors on standard error, the progress bar.</summary>
internal static class Running
{
    private const int Failed = 1;

    /// <summary>Runs a command; faults that a user can put right, and interruption, become a message and exit code 1.</summary>
    public static int Guard(ParseResult parsed, Action action, CancellationToken cancellationToken)
    {
        try
        {
            action();
            return 0;
        }
        catch (Exception e) when (MessageOf(e, cancellationToken) is { } message)
        {
            parsed.InvocationConfiguration.Error.WriteLine(message);
            return Failed;
        }
    }

    /// <summary>A misspelt option is told as one: an argument would take it for a folder, and one for OUT would be made.</summary>
    public static TArgument WithoutOptions<TArgument>(this TArgument argument)
        where TArgument : Argument
    {
        argument.Validators.Add(static result =>
        {
            foreach (string text in result.Tokens.Select(t => t.Value).Where(t => t.StartsWith('-')))
                result.AddError($"There is no option {text}; see --help. A folder of that name is ./{text}.");
        });
        return argument;
    }

    /// <summary>Where results go.</summary>
    public static TextWriter Output(this ParseResult parsed) => parsed.InvocationConfiguration.Output;

    /// <summary>Makes progress bars on standard error; one that is no terminal gets lines.</summary>
    public static Func<long, ProgressBar> Progress(this ParseResult parsed)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        bool isTerminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
        return total => new ProgressBar(error, isTerminal, total, TimeProvider.System);
    }

    /// <summary>What to say; null for bugs, which keep their stack trace.</summary>
    private static string? MessageOf(Exception e, CancellationToken cancellationToken) => e switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested =>
            "Interrupted before the end; what had been written is removed.",
        QuantizeException or IOException or UnauthorizedAccessException or ModelFolderException => e.Message,
        AggregateException many => many.Flatten().InnerExceptions.Select(inner =>
            MessageOf(inner, cancellationToken)).FirstOrDefault(message => message is not null),
        _ => null,
    };
}
