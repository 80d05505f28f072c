namespace LocalInference.Bench.Tokenization;

/// <summary>Finds the tokenizers to measure: the reference data's where it is present, and tiny-r1's always.</summary>
internal static class TokenizerFinder
{
    private const string ReferenceVariable = "LOCALINFERENCE_REFERENCE";

    /// <summary>Names and files.</summary>
    /// <param name="checkout">The checkout's folder.</param>
    /// <param name="folder">A folder of folders with a tokenizer.json; null looks for the reference data.</param>
    /// <param name="names">Which; null for all.</param>
    /// <exception cref="BenchException">There is no such folder or tokenizer.</exception>
    public static IReadOnlyList<(string Name, string File)> Find(string checkout, string? folder, IReadOnlyList<string>? names)
    {
        List<(string Name, string File)> found = [];
        foreach (string one in FoldersIn(checkout, folder).Prepend(Path.Combine(checkout, "models", "tiny-r1")))
            if (FileIn(one) is { } file)
                found.Add((Path.GetFileName(one), file));
        if (names is null) return found;
        foreach (string name in names)
            if (found.All(one => one.Name != name))
                throw new BenchException(
                    $"--only names '{name}'; there are {string.Join(", ", found.Select(one => one.Name))} (see --tokenizers).");
        return [.. found.Where(one => names.Contains(one.Name))];
    }

    private static IEnumerable<string> FoldersIn(string checkout, string? folder)
    {
        if (folder is not null && !Directory.Exists(folder))
            throw new BenchException($"--tokenizers is '{folder}', which is no folder; name one whose folders hold a tokenizer.json each.");
        folder ??= Environment.GetEnvironmentVariable(ReferenceVariable) is { Length: > 0 } reference
            ? Path.Combine(reference, "tokenizers")
            : Path.Combine(checkout, "..", "shared", "reference", "tokenizers");
        return Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal) : [];
    }

    private static string? FileIn(string folder)
    {
        string plain = Path.Combine(folder, "tokenizer.json");
        return File.Exists(plain) ? plain : File.Exists(plain + ".gz") ? plain + ".gz" : null;
    }
}
