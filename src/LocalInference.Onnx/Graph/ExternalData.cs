using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Where the weights lie. A session made from bytes reads external data from one folder and refuses links that leave it, so the
/// names are rewritten to the real files. Their sizes are checked here: a download that broke off is told as such.
/// </summary>
internal static class ExternalData
{
    /// <summary>Resolves the data files of all initialisers.</summary>
    /// <param name="graph">Changed in place.</param>
    /// <param name="modelFolder">Nothing outside it is read.</param>
    /// <param name="graphFile">The graph's name in the folder: data files lie beside the graph.</param>
    /// <returns>The real folder of the weights; the graph's own folder when all weights lie in the graph.</returns>
    public static string Resolve(DecoderGraph graph, string modelFolder, string graphFile)
    {
        string? folder = null;
        string beside = Path.GetDirectoryName(graphFile) ?? "";
        var files = new Dictionary<string, FileInfo>();
        foreach (TensorProto tensor in graph.Proto.Initializer.Where(t => t.DataLocation == TensorProto.Types.DataLocation.External))
        {
            StringStringEntryProto location = tensor.ExternalEntry("location")
                ?? throw graph.Refuse($"the tensor '{tensor.Name}' is external without a location", "Export the model again");
            if (!files.TryGetValue(location.Value, out FileInfo? file))
                files[location.Value] = file = Find(graph, modelFolder, beside, tensor.Name, location.Value);
            folder ??= file.DirectoryName;
            if (file.DirectoryName != folder)
                throw graph.Refuse(
                    $"its weights lie in two folders, '{folder}' and '{file.DirectoryName}'", "Put all data files into one folder");
            CheckSize(graph, tensor, file);
            location.Value = file.Name;
        }
        return folder ?? Path.GetDirectoryName(graph.Path)!;
    }

    public static StringStringEntryProto? ExternalEntry(this TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(e => e.Key == key);

    /// <summary>A number among the entries; 0 where it is absent.</summary>
    public static long ExternalNumber(this TensorProto tensor, string key) =>
        long.TryParse(tensor.ExternalEntry(key)?.Value, out long value) ? value : 0;

    private static FileInfo Find(DecoderGraph graph, string modelFolder, string beside, string tensor, string location)
    {
        string name = Path.IsPathRooted(location) ? location : Path.Combine(beside, location);
        return new FileInfo(ModelPaths.Resolve(modelFolder, name, graph.Path, $"the location of tensor '{tensor}'"));
    }

    private static void CheckSize(DecoderGraph graph, TensorProto tensor, FileInfo file)
    {
        foreach (string key in (string[])["offset", "length"])
            if (tensor.ExternalEntry(key) is { } entry && !(long.TryParse(entry.Value, out long value) && value >= 0))
                throw graph.Refuse(
                    $"the tensor '{tensor.Name}' has the {key} '{entry.Value}' in its data file; allowed: a whole number of 0 or more",
                    "Download or export it again");
        Int128 end = (Int128)tensor.ExternalNumber("offset") + tensor.ExternalNumber("length");
        if (end > file.Length)
            throw new ModelFolderException(
                file.FullName,
                $"the file has {file.Length} bytes, but the tensor '{tensor.Name}' ends at byte {end}",
                "The file is incomplete (a download that broke off, or a Git LFS pointer): fetch it again");
    }
}
