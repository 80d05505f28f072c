using System.CommandLine;
using LocalInference.Bench.Load;
using LocalInference.Bench.Machine;
using LocalInference.Onnx;
using LocalInference.Onnx.Models;
using Spectre.Console;

namespace LocalInference.Bench.Step;

/// <summary><c>bench step</c>: how fast single steps of a model run, without a server around them.</summary>
internal sealed class StepCommand
{
    /// <summary>What shells report of a program that Ctrl-C ended.</summary>
    private const int Interrupted = 130;

    private readonly Option<string> _model = StepOptions.Model();
    private readonly Option<string> _kernels = StepOptions.Kernels();
    private readonly Option<LeftOut?> _without = StepOptions.Without();
    private readonly Option<CacheTypes?> _cacheTypes = StepOptions.CacheTypes();
    private readonly Option<StepCases> _cases = StepOptions.Cases();
    private readonly Option<int> _threads =
        LoadOptions.Number("--threads", Environment.ProcessorCount, 1, 1024, "Threads that compute, for every engine alike. Default: one for each processor.");
    private readonly Option<bool> _json = new("--json")
    {
        Description = "One JSON object per case and kernels on standard output in place of the table: case, kernels, tokens_per_second, ci95, step_ms, limit_share.",
    };
    private readonly Option<string?> _save = new("--save")
    {
        Description = "Folder for the whole run as JSON: results, ratios, machine, its limits and state at each case, versions. Default: artifacts/bench of this checkout.",
        HelpName = "FOLDER",
    };

    public static Command Create()
    {
        StepCommand step = new();
        Command command = new(
            "step",
            "Measures single steps of a model: tokens per second (tokens of the step by its median time, with a 95 % interval), and the share of what this machine could do "
            + "at best, measured beside each case: its read bandwidth where that is the limit (decoding 1 to 4 sequences), else the speed of the int4 kernel on data in the "
            + "first-level cache. Several engines are measured in turn, A B A B.");
        Option[] options = [step._model, step._kernels, step._without, step._cacheTypes, step._threads, step._cases, step._json, step._save];
        foreach (Option option in options) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(step._without) is not null && result.GetResult(step._kernels) is { Implicit: false })
                result.AddError(
                    "--without measures our own kernels with and without fusions, and --kernels asks for others: leave out one of the two.");
            bool asksForOthers = result.GetResult(step._kernels) is { Implicit: false } || result.GetResult(step._without) is not null;
            if (result.GetResult(step._cacheTypes) is not null && asksForOthers)
                result.AddError("--kv-types measures our own kernels with several caches: leave out --kernels and --without.");
        });
        command.SetAction((parsed, cancelled) => Task.Run(() => step.Run(parsed, cancelled), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            Measure(parsed, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted; what was measured until then stands above.");
            return Interrupted;
        }
        catch (Exception e) when (e is BenchException or ModelFolderException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private void Measure(ParseResult parsed, CancellationToken cancellationToken)
    {
        StepPlan plan = Plan(parsed);
        OnnxModel model = OnnxModel.Load(plan.Folder, new OnnxModelOptions(), new ErrorLogger());
        plan.RequireFitting(model);
        MachineFacts machine = MachineFacts.Read();
        Console.Error.WriteLine(StepReport.Describe(machine));
        using LimitMeter limits = new(plan.Threads);
        IStepEngine[] engines = StepEngines.Make(model, plan);
        try
        {
            bool json = parsed.GetValue(_json);
            StepRun run = StepRunner.Run(new StepMeter(engines, model.Cost, limits), plan, machine, json ? PrintJson : null, cancellationToken);
            if (!json) StepReport.WriteTable(AnsiConsole.Console, run.Results);
            string saved = StepReport.Save(run, parsed.GetValue(_save) ?? Checkout.ResultFolder(), DateTimeOffset.UtcNow);
            Console.Error.WriteLine($"Saved as {saved}.");
        }
        finally
        {
            foreach (IStepEngine engine in engines) engine.Dispose();
        }
    }

    private StepPlan Plan(ParseResult parsed) => new()
    {
        Folder = parsed.GetRequiredValue(_model),
        Cases = parsed.GetRequiredValue(_cases).Values,
        Engines = parsed.GetValue(_without)?.Engines ?? parsed.GetValue(_cacheTypes)?.Engines ?? StepOptions.Engines(parsed.GetRequiredValue(_kernels)),
        Threads = parsed.GetValue(_threads),
    };

    // Each as soon as it is there: a long run that is interrupted has not been for nothing.
    private static void PrintJson(StepResult result) => Console.Out.WriteLine(StepReport.Json(result));
}
