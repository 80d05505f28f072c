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
        // First of all: what is refused is refused before anything is loaded.
        OnnxModel[] graphs = [.. plan.Engines.Select(choice => choice.Without is { } leftOut ? Without(model, plan.Folder, leftOut) : model)];
        List<IStepEngine> engines = [];
        try
        {
            foreach ((EngineChoice choice, OnnxModel graph) in plan.Engines.Zip(graphs))
            {
                Console.Error.WriteLine($"Loading {model.Served.Id} for {choice.Name} …");
                engines.Add(choice.Name == StepOptions.OnnxRuntime
                    ? new OnnxRuntimeEngine(graph, plan)
                    : new OwnEngine(graph, plan, choice.Name, choice.CacheType));
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
