using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Where the weights lie. A session made from bytes reads external data from one folder and refuses links that leave it, so the
/// names are rewritten to the real files. Their sizes are checked here: a download that broke off is told as such.
/// </summary>
internal static class ExternalData
{
    /// <returns>The real folder of the weights; the graph's own folder when all weights lie in the graph.</returns>
    public static string Resolve(DecoderGraph graph, string modelFolder)
    {
        string? folder = null;
        var files = new Dictionary<string, FileInfo>();
        foreach (TensorProto tensor in graph.Proto.Initializer.Where(t => t.DataLocation == TensorProto.Types.DataLocation.External))
        {
            StringStringEntryProto location = tensor.ExternalData.FirstOrDefault(e => e.Key == "location")
                ?? throw graph.Refuse($"the tensor '{tensor.Name}' is external without a location", "Export the model again");
            if (!files.TryGetValue(location.Value, out FileInfo? file))
                files[location.Value] = file = new FileInfo(ModelPaths.Resolve(modelFolder, location.Value, graph.Path, $"the location of tensor '{tensor.Name}'"));
            folder ??= file.DirectoryName;
            if (file.DirectoryName != folder)
                throw graph.Refuse($"its weights lie in two folders, '{folder}' and '{file.DirectoryName}'", "Put all data files into one folder");
            CheckSize(tensor, file);
            location.Value = file.Name;
        }
        return folder ?? Path.GetDirectoryName(graph.Path)!;
    }

    private static void CheckSize(TensorProto tensor, FileInfo file)
    {
        long end = Number(tensor, "offset") + Number(tensor, "length");
        if (end > file.Length)
            throw new ModelFolderException(
                file.FullName,
                $"the file has {file.Length} bytes, but the tensor '{tensor.Name}' ends at byte {end}",
                "The file is incomplete (a download that broke off, or a Git LFS pointer): fetch it again");
    }

    private static long Number(TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(e => e.Key == key) is { } entry && long.TryParse(entry.Value, out long value) ? value : 0;
}
