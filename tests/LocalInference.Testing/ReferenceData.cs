using Xunit;

namespace LocalInference.Testing;

/// <summary>
/// The one place that finds the golden data made with the reference implementations: the folder that LOCALINFERENCE_REFERENCE names,
/// else <c>shared/reference</c> beside the checkout. Tests that need it skip, saying so, where it is absent.
/// </summary>
public static class ReferenceData
{
    private static readonly string? Root = Find();

    public static bool IsPresent => Root is not null;

    /// <summary>The path of a file or folder in the reference data; skips the calling test where there is none.</summary>
    public static string PathOf(params string[] parts)
    {
        Assert.SkipWhen(Root is null, "The reference data is absent: set LOCALINFERENCE_REFERENCE to its folder.");
        return Path.Combine([Root!, .. parts]);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("LOCALINFERENCE_REFERENCE") is { Length: > 0 } named)
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"LOCALINFERENCE_REFERENCE names '{named}', which is no folder.");
        string beside = Path.Combine(Repository.Root, "..", "shared", "reference");
        return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
    }
}

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string TinyR1 => Path.Combine(Root, "models", "tiny-r1");

    public static string TinyR1Checkpoint => Path.Combine(Root, "models", "tiny-r1-checkpoint");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "LocalInference.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No LocalInference.sln above '{AppContext.BaseDirectory}'.");
    }
}
