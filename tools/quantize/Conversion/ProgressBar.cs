namespace LocalInference.Quantize.Conversion;

/// <summary>How far the work is and how long it will take, on standard error. Thread-safe.</summary>
/// <param name="output">A terminal gets a line that is drawn anew, anything else a line every few seconds.</param>
/// <param name="isTerminal">Which of the two.</param>
/// <param name="total">Units of work.</param>
/// <param name="time">The clock.</param>
internal sealed class ProgressBar(TextWriter output, bool isTerminal, long total, TimeProvider time) : IDisposable
{
    private const int Width = 30;

    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private long _lastShown = time.GetTimestamp();
    private long _done;
    private int _shownLength;

    /// <summary>Notes that work is done.</summary>
    /// <param name="what">What was worked on, as people know it.</param>
    /// <param name="units">How much of it.</param>
    public void Add(string what, long units)
    {
        lock (_gate)
        {
            _done += units;
            if (time.GetElapsedTime(_lastShown) < (isTerminal ? TerminalInterval : LineInterval))
                return;
            _lastShown = time.GetTimestamp();
            Show(Text(what));
        }
    }

    /// <summary>Ends the line that is drawn anew.</summary>
    public void Dispose()
    {
        if (_shownLength > 0 && isTerminal)
            output.WriteLine();
    }

    private string Text(string what)
    {
        double part = Math.Clamp((double)_done / total, 0, 1);
        TimeSpan elapsed = time.GetElapsedTime(_start);
        TimeSpan left = part > 0 ? elapsed * ((1 - part) / part) : TimeSpan.Zero;
        int filled = (int)(part * Width);
        string bar = new string('#', filled) + new string('.', Width - filled);
        return $"[{bar}] {part * 100,3:0} %  {(int)left.TotalMinutes}:{left.Seconds:00} left  {what}";
    }

    private void Show(string text)
    {
        if (isTerminal)
            output.Write($"\r{text.PadRight(_shownLength)}");
        else
            output.WriteLine(text);
        _shownLength = text.Length;
    }
}
