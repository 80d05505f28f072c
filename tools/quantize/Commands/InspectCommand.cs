using System.CommandLine;
using LocalInference.Quantize.Inspection;

namespace LocalInference.Quantize.Commands;

/// <summary><c>inspect FOLDER</c>: what a model folder or a checkpoint is.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> folder = new Argument<string>("FOLDER") { Description = "A model folder or a checkpoint." }.WithoutOptions();
        Command command = new(
            "inspect",
            "Says a model's architecture, the precision and size of its tensors, its KV cache's bytes per token, and what fits into how "
            + "much memory.");
        command.Add(folder);
        command.SetAction((parsed, cancelled) => Task.FromResult(
            Running.Guard(parsed, () => parsed.Output().Write(ModelSummary.Read(parsed.GetValue(folder)!).Text()), cancelled)));
        return command;
    }
}
