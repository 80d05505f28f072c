namespace LocalInference.Onnx.Models;

/// <summary>Finds the graph of a folder whose configuration names none.</summary>
internal static class GraphFiles
{
    /// <summary>Exporters for the Hub put graphs here.</summary>
    private const string Subfolder = "onnx";

    /// <summary>The folder's only graph, as a path inside it.</summary>
    /// <exception cref="ModelFolderException">There is none, or several: the message lists them.</exception>
    public static string Only(string folder)
    {
        string[] found = [.. Names(folder), .. Names(Path.Combine(folder, Subfolder)).Select(n => Path.Combine(Subfolder, n))];
        return found switch
        {
            [var only] => only,
            [] => throw WeightFormats.RefuseFolder(folder),
            _ => throw new ModelFolderException(
                folder, $"the folder holds {found.Length} graphs: {string.Join(", ", found)}",
                "Name one of them with the option 'File' (--file NAME)"),
        };
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.onnx").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)
            : [];
}
