using System.CommandLine;
using LocalInference.Quantize.Folders;

namespace LocalInference.Quantize.Commands;

/// <summary>The program's command line.</summary>
internal static class CommandLine
{
    /// <param name="disk">What folders are written to.</param>
    public static RootCommand Create(IDisk disk)
    {
        RootCommand root = new(
            "Makes a folder that LocalInference and onnxruntime-genai serve out of a Hugging Face checkpoint. "
            + "OUT appears whole or not at all. Exit code 0, or 1 with a message on standard error: bad input, a full disk, an "
            + "interruption (Ctrl-C, SIGTERM).");
        ConvertCommand.AddTo(root, disk);
        root.Add(CompareCommand.Create());
        root.Add(InspectCommand.Create());
        return root;
    }
}
