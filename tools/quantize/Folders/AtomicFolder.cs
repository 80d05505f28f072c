namespace LocalInference.Quantize.Folders;

/// <summary>
/// A folder that appears whole or not at all: written beside its place under another name and renamed at the end. Disposed before
/// <see cref="Complete"/>, it leaves nothing behind.
/// </summary>
internal sealed class AtomicFolder : IDisposable
{
    private static readonly string[] ModelFiles = ["genai_config.json", "config.json"];

    private readonly string _target;
    private readonly bool _replaces;
    private bool _isComplete;

    /// <summary>Makes the folder to write into.</summary>
    /// <param name="target">Where it shall appear.</param>
    /// <param name="replaces">Whether a model folder that is there already may go (<c>--force</c>).</param>
    public AtomicFolder(string target, bool replaces)
    {
        _target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        _replaces = replaces;
        CheckTarget();
        string parent = System.IO.Path.GetDirectoryName(_target) ?? throw QuantizeException.At(target, "is the root of a disk", "Name a folder");
        Path = System.IO.Path.Combine(parent, $".{System.IO.Path.GetFileName(_target)}.writing-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw QuantizeException.At(target, $"cannot be made: {e.Message.TrimEnd('.')}", "Choose another folder", e);
        }
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Puts the folder in its place.</summary>
    public void Complete()
    {
        CheckTarget();
        string aside = $"{Path}.old";
        bool hadOld = Directory.Exists(_target);
        if (hadOld)
            Directory.Move(_target, aside);
        Directory.Move(Path, _target);
        _isComplete = true;
        if (hadOld)
            Directory.Delete(aside, recursive: true);
    }

    public void Dispose()
    {
        if (!_isComplete && Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    private void CheckTarget()
    {
        if (File.Exists(_target))
            throw QuantizeException.At(_target, "is a file; expected: a folder to be made", "Choose another name");
        if (!Directory.Exists(_target))
            return;
        if (!_replaces)
            throw QuantizeException.At(_target, "exists already", "Choose another folder, or add --force to replace it");
        if (Directory.EnumerateFileSystemEntries(_target).Any() && !ModelFiles.Any(f => File.Exists(System.IO.Path.Combine(_target, f))))
            throw QuantizeException.At(_target, "holds no model, so --force does not replace it", "Choose another folder, or empty this one yourself");
    }
}
