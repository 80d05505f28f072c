namespace LocalInference.Bench;

/// <summary>The checkout that this program was built in.</summary>
internal static class Checkout
{
    private const string Solution = "LocalInference.sln";

    /// <summary>Its root; null where the program was moved out of it.</summary>
    public static string? Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        return null;
    }

    /// <summary>Where results are kept that nobody named a folder for.</summary>
    /// <exception cref="BenchException">There is no checkout.</exception>
    public static string ResultFolder() =>
        Root() is { } root
            ? Path.Combine(root, "artifacts", "bench")
            : throw new BenchException(
                "This program was moved out of its checkout, which is where results go: run it through ./scripts/bench.");
}
