using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Folders;

/// <summary>
/// A folder that appears whole or not at all: written beside its place under another name and renamed at the end. Disposed before
/// <see cref="Complete"/>, it leaves nothing behind; what a run left that was killed, the next run to the same place finds and clears away.
/// </summary>
internal sealed class AtomicFolder : IDisposable
{
    private readonly string _target;
    private readonly bool _replaces;
    private readonly FileStream _lock;
    private bool _isComplete;

    /// <summary>Makes the folder to write into.</summary>
    /// <param name="target">Where it shall appear.</param>
    /// <param name="replaces">Whether a model folder that is there already may go (<c>--force</c>).</param>
    /// <param name="disk">What it is written to.</param>
    public AtomicFolder(string target, bool replaces, IDisk disk)
    {
        _target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        _replaces = replaces;
        string parent = System.IO.Path.GetDirectoryName(_target)
            ?? throw QuantizeException.At(target, "is the root of a disk", "Name a folder");
        var leftovers = new Leftovers(parent, System.IO.Path.GetFileName(_target));
        try
        {
            Directory.CreateDirectory(parent);
            _lock = leftovers.Lock();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw QuantizeException.At(target, $"cannot be made: {e.Message.TrimEnd('.')}", "Choose another folder", e);
        }
        try
        {
            Cleared = leftovers.Clear(_target);
            CheckTarget();
            Path = Directory.CreateDirectory(leftovers.NameFor(Environment.ProcessId)).FullName;
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
        Content = new OutputFolder(Path, disk);
    }

    /// <summary>What an earlier run had left behind, and what became of it; sentences for people.</summary>
    public IReadOnlyList<string> Cleared { get; }

    /// <summary>Where to write.</summary>
    public OutputFolder Content { get; }

    private string Path { get; }

    /// <summary>Puts the folder in its place.</summary>
    public void Complete()
    {
        CheckTarget();
        string aside = Path + Leftovers.OldSuffix;
        bool hadOld = Directory.Exists(_target);
        if (hadOld)
            Directory.Move(_target, aside);
        try
        {
            Directory.Move(Path, _target);
        }
        catch when (hadOld)
        {
            Directory.Move(aside, _target);
            throw;
        }
        _isComplete = true;
        if (hadOld)
            Directory.Delete(aside, recursive: true);
    }

    public void Dispose()
    {
        if (!_isComplete && Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }

    private void CheckTarget()
    {
        if (File.Exists(_target))
            throw QuantizeException.At(_target, "is a file; expected: a folder to be made", "Choose another name");
        if (!Directory.Exists(_target))
            return;
        if (!_replaces)
            throw QuantizeException.At(_target, "exists already", "Choose another folder, or add --force to replace it");
        bool holdsModel = GenAiConfigFile.IsIn(_target) || File.Exists(System.IO.Path.Combine(_target, CheckpointConfig.FileName));
        if (!holdsModel && Directory.EnumerateFileSystemEntries(_target).Any())
            throw QuantizeException.At(_target, "holds no model, so --force does not replace it",
                "Choose another folder, or empty this one yourself");
    }
}
