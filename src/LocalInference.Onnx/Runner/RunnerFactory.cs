using LocalInference.Core.Execution;
using LocalInference.Core.Options;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Diagnostics;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Models;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>Makes runners of one served graph: takes the memory, finds out what the runner can do, tells the log.</summary>
/// <param name="graph">Built for the device.</param>
/// <param name="folder">Where it comes from.</param>
/// <param name="device">What it runs on.</param>
/// <param name="logger">Told.</param>
internal sealed class RunnerFactory(ServedGraph graph, ModelFolder folder, DeviceChoice device, ILogger logger)
{
    /// <summary>Makes a runner, whose owner the caller is.</summary>
    /// <exception cref="ArgumentException">Options outside their ranges, or a cache that holds less than one full context.</exception>
    /// <exception cref="ModelFolderException">ONNX Runtime cannot load the graph.</exception>
    public StepRunner Make(RunnerOptions options)
    {
        OptionFaults.ThrowIfAny(options, nameof(RunnerOptions));
        int contextTokens = folder.Config.ContextTokens;
        return device.Provider is null
            ? Proven(() => new CpuModelRunner(graph, contextTokens, options), runner => Prove(runner, options))
            : Proven(() => new DeviceModelRunner(graph, device, contextTokens, options), Prove);
    }

    /// <summary>Makes a runner and tries it; one that fails is given back.</summary>
    internal T Proven<T>(Func<T> make, Action<T> prove)
        where T : class, IDisposable
    {
        T? runner = null;
        try
        {
            runner = make();
            prove(runner);
            return runner;
        }
        catch (Exception e)
        {
            runner?.Dispose();
            if (runner is null && e is OnnxRuntimeException)
                throw new ModelFolderException(
                    folder.GraphPath,
                    $"ONNX Runtime cannot load the graph ({e.Message.TrimEnd('.')})",
                    "Export the model again with onnxruntime-genai's model builder (-e cpu -p int4)",
                    e);
            throw;
        }
    }

    private void Prove(CpuModelRunner runner, RunnerOptions options)
    {
        runner.SetBatchInvariant(BatchInvarianceProbe.Run(runner));
        CostReport.Write(runner, folder.Id, graph.Cost, options.ThreadCount, TimeProvider.System, logger);
        RunnerCapabilities made = runner.Capabilities;
        logger.RunnerMade(
            folder.Id, options.ThreadCount, made.BlockCount, made.Kv.BlockTokens, made.BlockCount * made.Kv.BytesPerBlock,
            options.KvTypeFor(graph.Cost), made.MaxStepTokens, made.IsBatchInvariant);
        if (runner.Products is not { } products)
            return;
        logger.WeightsPacked(folder.Id, graph.Weights.Count, products.WeightBytes, products.Path);
        KernelPath wanted = options.KernelPath ?? KernelPaths.Best;
        if (products.Path != wanted)
            logger.CodeRefused(wanted, products.Path);
    }

    private void Prove(DeviceModelRunner runner)
    {
        if (!LongQueryProbe.Run(runner))
            logger.LongQueriesDivided(device.Name, LongQueryProbe.SafeTokens);
        runner.SetBatchInvariant(BatchInvarianceProbe.Run(runner));
        AssignedNode[] elsewhere = [.. GraphAssignment.Of(runner.Session).Where(n => n.Provider == "CPUExecutionProvider")];
        if (elsewhere.Length > 0)
            logger.NodesOnProcessor(elsewhere.Length, device.Name, string.Join(", ", elsewhere.Select(n => n.Operator).Distinct()));
        RunnerCapabilities made = runner.Capabilities;
        logger.DeviceRunnerMade(
            folder.Id, device.Name, made.BlockCount, made.Kv.BlockTokens, made.BlockCount * made.Kv.BytesPerBlock, made.MaxStepTokens,
            made.IsBatchInvariant);
    }
}
