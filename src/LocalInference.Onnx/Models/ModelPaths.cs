namespace LocalInference.Onnx.Models;

/// <summary>
/// Turns the file names inside a model folder into real paths, and keeps them inside it: a downloaded folder must not read the rest of the
/// disk.
/// </summary>
internal static class ModelPaths
{
    /// <summary>Resolves a name found in a model's file.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="name">A relative path without <c>..</c>.</param>
    /// <param name="namedIn">The file that says so.</param>
    /// <param name="key">Where in that file.</param>
    /// <returns>The real path: every link followed.</returns>
    public static string Resolve(string folder, string name, string namedIn, string key)
    {
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
            throw ModelFolderException.ForKey(
                namedIn, key, $"'{name}'", "a relative path inside the model folder, without '..'",
                "Put the file into the folder and name it relatively");
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
            throw new ModelFolderException(
                path, $"the file is missing, though {key} in '{Path.GetFileName(namedIn)}' names it", "Download or export the folder again");
        string real = RealPath(path);
        string root = AllowedRoot(folder);
        if (!real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw ModelFolderException.ForKey(
                namedIn, key, $"'{name}', a link to '{real}'", $"a file that lies inside '{root}' after following links",
                "Copy the file into the folder");
        return real;
    }

    /// <summary>A path with the links in all of its parts followed.</summary>
    public static string RealPath(string path)
    {
        string full = Path.GetFullPath(path);
        string real = Path.GetPathRoot(full)!;
        foreach (string part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            if (info.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                real = RealPath(target.FullName);
        }
        return real;
    }

    /// <summary>
    /// The folder itself; for a snapshot in a Hugging Face cache (<c>models--OWNER--NAME/snapshots/REVISION</c>, whose files are links to
    /// <c>models--OWNER--NAME/blobs</c>) that model's part of the cache.
    /// </summary>
    private static string AllowedRoot(string folder) => HubCache.RepositoryOf(folder)?.FullName ?? RealPath(folder);
}
