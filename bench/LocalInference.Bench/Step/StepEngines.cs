using LocalInference.Onnx;
using LocalInference.Onnx.Graph.Fusion;

namespace LocalInference.Bench.Step;

/// <summary>Makes the engines that a plan names.</summary>
internal static class StepEngines
{
    /// <param name="model">The plan's folder, everything fused.</param>
    /// <param name="plan">Names them.</param>
    /// <exception cref="BenchException">The model has no place for a fusion that is to be left out.</exception>
    public static IStepEngine[] Make(OnnxModel model, StepPlan plan)
    {
        OnnxModel? without = plan.Without is { } leftOut ? Without(model, plan.Folder, leftOut) : null;
        List<IStepEngine> engines = [];
        try
        {
            foreach (string kernels in plan.Kernels)
            {
                Console.Error.WriteLine($"Loading {model.Served.Id} for {kernels} …");
                engines.Add(kernels switch
                {
                    StepOptions.Own => new OwnEngine(model, plan),
                    StepOptions.OnnxRuntime => new OnnxRuntimeEngine(model, plan),
                    _ when plan.CacheTypes is { } types => new OwnEngine(model, plan, kernels, types.Of(kernels)),
                    _ => new OwnEngine(without!, plan, kernels),
                });
            }
            return [.. engines];
        }
        catch
        {
            engines.ForEach(engine => engine.Dispose());
            throw;
        }
    }

    private static OnnxModel Without(OnnxModel model, string folder, LeftOut leftOut)
    {
        OnnxModel without = OnnxModel.Load(folder, new OnnxModelOptions { Fusions = Fusions.All & ~leftOut.Fusions }, new ErrorLogger());
        return !without.HasGraphOf(model)
            ? without
            : throw new BenchException(
                $"--without {leftOut} changes nothing: the graph of {model.Served.Id} has no place for such a fusion.");
    }
}
