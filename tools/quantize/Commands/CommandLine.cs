using System.CommandLine;

namespace LocalInference.Quantize.Commands;

/// <summary>The program's command line.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        RootCommand root = new("Makes a folder that LocalInference and onnxruntime-genai serve out of a Hugging Face checkpoint.");
        ConvertCommand.AddTo(root);
        root.Add(CompareCommand.Create());
        root.Add(InspectCommand.Create());
        return root;
    }
}
