using System.CommandLine;
using System.CommandLine.Parsing;

namespace LocalInference.Bench.Step;

/// <summary>Command-line options of <c>bench step</c>, with errors that name what is allowed.</summary>
internal static class StepOptions
{
    public const string Own = "own";
    public const string OnnxRuntime = "onnxruntime";
    public const string Both = "both";

    /// <summary>The engines that a value of <c>--kernels</c> means.</summary>
    public static IReadOnlyList<EngineChoice> Engines(string kernels) =>
        kernels == Both ? [EngineChoice.Own, new EngineChoice(OnnxRuntime)] : [new EngineChoice(kernels)];

    public static Option<string> Model() => new("--model")
    {
        Description = "Model folder to measure.",
        HelpName = "FOLDER",
        Required = true,
    };

    public static Option<string> Kernels()
    {
        Option<string> option = new("--kernels")
        {
            Description = "Whose kernels run the steps: this project's (own), ONNX Runtime's alone over the folder's graph as it is (onnxruntime), "
                + "or both in turn in one process, with ratios on standard error.",
            HelpName = "own|onnxruntime|both",
            DefaultValueFactory = _ => Both,
        };
        option.Validators.Add(static result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : Both;
            if (text is not (Own or OnnxRuntime or Both)) result.AddError($"--kernels is '{text}'; it must be {Own}, {OnnxRuntime} or {Both}.");
        });
        return option;
    }

    public static Option<LeftOut?> Without() => new("--without")
    {
        Description = $"Fusions to leave out, with commas ({string.Join(", ", LeftOut.Names)}): our own kernels with all fusions and without these "
            + "are measured in turn, and ratios tell what these are worth. In place of --kernels.",
        HelpName = "FUSION,FUSION,…",
        CustomParser = static result =>
        {
            if (LeftOut.TryParse(result.Tokens[0].Value, out LeftOut? found, out string? fault)) return found;
            result.AddError($"--without: {fault}");
            return null;
        },
    };

    public static Option<CacheTypes?> CacheTypes() => new("--kv-types")
    {
        Description = $"What the KV cache keeps, with commas ({string.Join(", ", Step.CacheTypes.Names)}): our own kernels with each of these are measured "
            + "in turn. In place of --kernels.",
        HelpName = "TYPE,TYPE,…",
        CustomParser = static result =>
        {
            if (Step.CacheTypes.TryParse(result.Tokens[0].Value, out CacheTypes? found, out string? fault)) return found;
            result.AddError($"--kv-types: {fault}");
            return null;
        },
    };

    public static Option<StepCases> Cases() => new("--cases")
    {
        Description = "Steps to measure, with commas: prefill:TOKENS[@PAST] is one sequence of so many new tokens whose last row is wanted; "
            + "decode:SEQUENCES[@CONTEXT] is one new token of each sequence behind so many in the cache (128 where none is given), all rows wanted. Tokens are chosen greedily.",
        HelpName = "CASE,CASE,…",
        DefaultValueFactory = _ => StepCases.Default,
        CustomParser = Parse,
    };

    private static StepCases? Parse(ArgumentResult result)
    {
        List<StepCase> cases = [];
        foreach (string text in result.Tokens[0].Value.Split(','))
            if (StepCase.TryParse(text, out StepCase? found, out string? fault))
                cases.Add(found);
            else
                result.AddError($"--cases: {fault}");
        return new StepCases(cases);
    }
}
