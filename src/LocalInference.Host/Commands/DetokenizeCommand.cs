using System.CommandLine;
using System.Text.Json.Nodes;

namespace LocalInference.Host.Commands;

/// <summary>Token ids to text, JSON lines in and out.</summary>
internal static class DetokenizeCommand
{
    public static Command Create()
    {
        Option<string> path = TokenizerOption.Create();
        Command command = new(
            "detokenize",
            "Reads JSON lines {\"ids\"} and writes {\"text\"}. Special tokens are kept, added tokens stand as written, "
            + "ids outside the vocabulary give no text.") { path };
        command.SetAction((parsed, cancelled) => TokenizerOption.RunAsync(parsed.GetValue(path)!, cancelled, tokenizer => line =>
            LineFields.TryIds(line, "ids", out int[] ids, out string fault)
                ? new JsonObject { ["text"] = tokenizer.Tokenizer.Decode(ids) }
                : JsonLines.Error(fault)));
        return command;
    }
}
