namespace LocalInference.Quantize.Folders;

/// <summary>
/// What stands beside a folder while it is written: a lock file, the half-written folder, and at the very end the one that is replaced. The
/// lock says whether somebody still writes; a process number would not, for numbers are given again, and containers that share a disk do
/// not see each other's.
/// </summary>
/// <param name="parent">The folder that holds it.</param>
/// <param name="name">Its own name.</param>
internal sealed class Leftovers(string parent, string name)
{
    /// <summary>Behind the half-written folder's name: the folder that it replaces.</summary>
    public const string OldSuffix = ".old";

    private string LockPath => Path.Combine(parent, $".{name}.writing");

    /// <summary>The half-written folder of a process.</summary>
    public string NameFor(int process) => $"{LockPath}-{process}";

    /// <summary>Takes the lock, which goes with its file when it is disposed or the process ends.</summary>
    /// <exception cref="QuantizeException">Another process writes this folder now.</exception>
    public FileStream Lock()
    {
        try
        {
            return new FileStream(LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(LockPath))
        {
            throw QuantizeException.At(Path.Combine(parent, name), "is being written by another process now",
                "Wait until it is done, or choose another folder", e);
        }
    }

    /// <summary>Removes what dead processes left; a model that one of them had moved aside and not replaced goes back to its place. Wants
    /// the lock.</summary>
    /// <returns>What was done, in sentences.</returns>
    public IReadOnlyList<string> Clear(string target)
    {
        var done = new List<string>();
        string[] left = [.. Directory.EnumerateDirectories(parent, $".{name}.writing-*").Where(IsOurs).Order(StringComparer.Ordinal)];
        foreach (string folder in left.OrderByDescending(f => f.EndsWith(OldSuffix, StringComparison.Ordinal)))
        {
            if (folder.EndsWith(OldSuffix, StringComparison.Ordinal) && !Directory.Exists(target))
            {
                Directory.Move(folder, target);
                done.Add($"{target}: put back, which a run that was killed had moved aside.");
                continue;
            }
            Directory.Delete(folder, recursive: true);
            done.Add($"{folder}: removed, left behind by a run that was killed.");
        }
        return done;
    }

    private bool IsOurs(string folder)
    {
        string number = folder[(LockPath.Length + 1)..];
        if (number.EndsWith(OldSuffix, StringComparison.Ordinal))
            number = number[..^OldSuffix.Length];
        return number.Length > 0 && number.All(char.IsAsciiDigit);
    }
}
