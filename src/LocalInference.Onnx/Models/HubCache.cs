namespace LocalInference.Onnx.Models;

/// <summary>
/// The Hugging Face cache's layout: <c>models--OWNER--NAME</c> with <c>refs/main</c> (a revision), <c>snapshots/REVISION</c> (links) and
/// <c>blobs</c> (files).
/// </summary>
internal static class HubCache
{
    private const string Prefix = "models--";
    private const string Snapshots = "snapshots";

    /// <summary>The current snapshot of a repository in the cache; null when the folder is none.</summary>
    /// <exception cref="ModelFolderException">It has several, of which none is current.</exception>
    public static string? SnapshotOf(string folder)
    {
        string snapshots = Path.Combine(folder, Snapshots), main = Path.Combine(folder, "refs", "main");
        if (!IsRepository(new DirectoryInfo(Path.GetFullPath(folder))) || !Directory.Exists(snapshots))
            return null;
        string? revision = File.Exists(main) ? Path.GetFileName(File.ReadAllText(main).Trim()) : null;
        if (revision is { Length: > 0 } && Directory.Exists(Path.Combine(snapshots, revision)))
            return Path.Combine(snapshots, revision);
        string[] found = Directory.GetDirectories(snapshots);
        return found is [var only]
            ? only
            : throw new ModelFolderException(
                folder,
                $"the cached repository has {found.Length} snapshots and its refs/main names none of them",
                found.Length == 0 ? "Download the model again"
                    : $"Name one of them: {string.Join(", ", found.Order(StringComparer.Ordinal))}");
    }

    /// <summary>The repository of a snapshot; null when the folder is none.</summary>
    public static DirectoryInfo? RepositoryOf(string folder) =>
        new DirectoryInfo(ModelPaths.RealPath(folder)).Parent is { Name: Snapshots, Parent: { } repository } && IsRepository(repository)
            ? repository
            : null;

    /// <summary>The model's own name, without its owner's; null when the folder is no snapshot.</summary>
    public static string? NameOf(string folder) => RepositoryOf(folder)?.Name.Split("--")[^1];

    private static bool IsRepository(DirectoryInfo folder) => folder.Name.StartsWith(Prefix, StringComparison.Ordinal);
}
