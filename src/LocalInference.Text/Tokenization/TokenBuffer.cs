namespace LocalInference.Text.Tokenization;

/// <summary>A list of token ids that grows and is reused: encoding into one that is large enough allocates nothing.</summary>
/// <remarks>Not thread-safe. Cleared and filled again by its owner.</remarks>
public sealed class TokenBuffer
{
    private int[] _ids;

    /// <summary>Makes an empty buffer.</summary>
    /// <param name="capacity">Ids it holds before it grows; at least 0.</param>
    public TokenBuffer(int capacity = 256)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _ids = new int[capacity];
    }

    /// <summary>Ids held.</summary>
    public int Count { get; private set; }

    /// <summary>The ids; valid until the buffer changes.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Appends one id.</summary>
    public void Add(int id)
    {
        if (Count == _ids.Length) Grow(1);
        _ids[Count++] = id;
    }

    /// <summary>Appends several ids.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        ids.CopyTo(Reserve(ids.Length));
        Count += ids.Length;
    }

    /// <summary>
    /// Room for at least <paramref name="count"/> more ids; what is written there counts once <see cref="Advance"/> is called.
    /// </summary>
    public Span<int> Reserve(int count)
    {
        if (_ids.Length - Count < count) Grow(count);
        return _ids.AsSpan(Count);
    }

    /// <summary>Takes over <paramref name="count"/> ids that were written into the reserved room.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_ids.Length - Count), nameof(count));
        Count += count;
    }

    /// <summary>Forgets every id from <paramref name="count"/> on.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Count, nameof(count));
        Count = count;
    }

    /// <summary>Forgets every id; keeps the room.</summary>
    public void Clear() => Count = 0;

    /// <summary>A copy of the ids.</summary>
    public int[] ToArray() => Ids.ToArray();

    private void Grow(int count) =>
        Array.Resize(ref _ids, Math.Max(checked(Count + count), (int)Math.Min(Array.MaxLength, 2L * _ids.Length)));
}
