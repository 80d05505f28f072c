using System.CommandLine;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using LocalInference.Bench.Machine;
using LocalInference.Bench.Step;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Weights;

namespace LocalInference.Bench.Kernels;

/// <summary><c>bench kernels</c>: how fast single kernels are on one thread, or what an assembled one looks like.</summary>
internal sealed class KernelCommand
{
    private readonly Option<string[]> _filter = KernelOptions.Filter();
    private readonly Option<bool> _listing = KernelOptions.Listing();
    private readonly Option<KernelPath> _path = KernelOptions.Path();
    private readonly Option<int> _rows = KernelOptions.Rows();
    private readonly Option<int> _bits = KernelOptions.Bits();
    private readonly Option<int> _block = KernelOptions.Block();

    public static Command Create()
    {
        KernelCommand kernels = new();
        Command command = new(
            "kernels",
            "Measures single kernels on one thread, about two minutes: quantised products by every path of this machine, quantising, SiLU, "
            + "attention, choosing tokens (greedy, the likeliest 50, sampled by temperature, top_p, top_k and min_p). Tables go to "
            + "standard output, and with all figures to artifacts/bench of this checkout. "
            + "With --listing: prints a kernel's instructions.");
        Option[] listing = [kernels._path, kernels._rows, kernels._bits, kernels._block];
        foreach (Option option in (Option[])[kernels._filter, kernels._listing, .. listing]) command.Add(option);
        command.Validators.Add(result =>
        {
            bool lists = result.GetResult(kernels._listing) is { Implicit: false };
            foreach (Option option in lists ? [kernels._filter] : listing)
                if (result.GetResult(option) is { Implicit: false })
                    result.AddError(lists
                        ? $"{option.Name} chooses what is measured, and --listing measures nothing."
                        : $"{option.Name} belongs to --listing.");
        });
        command.SetAction(kernels.RunAsync);
        return command;
    }

    /// <summary>The library cannot be told to stop: an interrupted run is left behind, on threads that do not keep the process.</summary>
    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Task<int> run = Task.Run(() => Run(parsed), CancellationToken.None);
        Task interrupted = Task.Delay(Timeout.Infinite, cancellationToken);
        if (await Task.WhenAny(run, interrupted) == run) return await run;
        await Console.Error.WriteLineAsync("Interrupted; nothing was saved.");
        return Commands.Interrupted;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_listing))
        {
            var format = new WeightFormat(parsed.GetValue(_bits), parsed.GetValue(_block), HasZeroPoints: false, HasHalfScales: true);
            Console.Out.Write(KernelListing.Of(format, parsed.GetValue(_rows), parsed.GetValue(_path)));
            return 0;
        }
        try
        {
            string folder = Checkout.ResultFolder();
            Summary[] summaries = KernelBenchmarks.Run(KernelBenchmarks.Short, parsed.GetValue(_filter) ?? [], folder);
            Console.Out.WriteLine(StepReport.Describe(MachineFacts.Read()));
            foreach (Summary summary in summaries)
                MarkdownExporter.Console.ExportToLog(summary, ConsoleLogger.Default);
            Console.Error.WriteLine($"Saved in {folder}.");
            return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
