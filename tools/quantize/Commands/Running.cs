using LocalInference.Quantize.Conversion;

namespace LocalInference.Quantize.Commands;

/// <summary>What all commands share: exit codes, errors on standard error, the progress bar.</summary>
internal static class Running
{
    /// <summary>What shells report of a program that Ctrl-C ended.</summary>
    private const int Interrupted = 130;

    /// <summary>Runs a command; faults that a user can put right become a message and exit code 1.</summary>
    public static int Guard(Action action, CancellationToken cancellationToken)
    {
        try
        {
            action();
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted; nothing was left behind.");
            return Interrupted;
        }
        catch (QuantizeException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LocalInference.Onnx.Models.ModelFolderException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    public static ProgressBar Progress(long total) => new(Console.Error, !Console.IsErrorRedirected, total, TimeProvider.System);
}
