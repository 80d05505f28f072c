using LocalInference.Core.Completions;
using LocalInference.Core.Execution;
using LocalInference.Core.Options;
using LocalInference.Engine.Scheduling;

namespace LocalInference.Engine.Completions;

/// <summary>Whether options, model and runner go together; asked once, so that nothing later needs to doubt it.</summary>
internal static class EngineFit
{
    /// <summary>Finds everything that does not fit, not only the first.</summary>
    /// <returns>A sentence each; empty when all is well.</returns>
    public static IReadOnlyList<string> Check(RunnerCapabilities runner, ServedModel model, EngineOptions options)
    {
        List<string> misfits = [.. OptionFaults.Of(options, "Engine")];
        if (options.MaxSequences > runner.MaxSequences)
            misfits.Add($"MaxSequences is {options.MaxSequences}, but the runner was made for {runner.MaxSequences}.");
        if (options.StepTokens > runner.MaxStepTokens)
            misfits.Add($"StepTokens is {options.StepTokens}, but the runner was made for {runner.MaxStepTokens}.");
        if (model.ContextTokens > runner.ContextTokens)
            misfits.Add($"The served context is {model.ContextTokens} tokens, but the runner knows {runner.ContextTokens} positions.");
        if (model.VocabularySize != runner.VocabularySize)
            misfits.Add($"The served vocabulary has {model.VocabularySize} tokens, but the runner's logits have {runner.VocabularySize}.");
        int needed = runner.Kv.BlocksFor(model.ContextTokens);
        if (needed > runner.BlockCount)
            misfits.Add(
                $"The cache has {runner.BlockCount} blocks of {runner.Kv.BlockTokens} tokens, but one full context of "
                + $"{model.ContextTokens} tokens takes {needed}: give it more memory, or serve a shorter context.");
        return misfits;
    }

    /// <summary>Throws with everything that does not fit.</summary>
    public static void ThrowIfUnfit(RunnerCapabilities runner, ServedModel model, EngineOptions options)
    {
        IReadOnlyList<string> misfits = Check(runner, model, options);
        if (misfits.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, misfits.Prepend("The engine's parts do not fit together:")));
    }
}
