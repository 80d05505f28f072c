namespace LocalInference.Text.Tokenization.Normalization;

/// <summary>
/// The data of the Unicode forms, read once from <c>unicode-forms.bin</c> (made by <c>make_unicode_forms.py</c> beside it), so that results
/// need no ICU and do not depend on the machine.
/// </summary>
internal sealed class UnicodeFormTable
{
    private const string ResourceName = "unicode-forms.bin";
    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];

    private UnicodeFormTable(byte[] data)
    {
        var reader = new Reader(data);
        ReadRows(ref reader, (ref Reader r, int c) => _classes[c] = (byte)r.Number());
        ReadRows(ref reader, (ref Reader r, int c) => _canonical[c] = r.Numbers());
        ReadRows(ref reader, (ref Reader r, int c) => _compatible[c] = r.Numbers());
        ReadRows(ref reader, (ref Reader r, int c) => _compositions[(r.Number(), r.Number())] = c);
    }

    /// <summary>The one table.</summary>
    public static UnicodeFormTable Shared { get; } = Load();

    /// <summary>Code points that have a combining class, a decomposition, or stand second in a composition.</summary>
    public IEnumerable<int> Remarkable =>
        _classes.Keys.Concat(_canonical.Keys).Concat(_compatible.Keys).Concat(_compositions.Keys.Select(k => k.Second));

    /// <summary>Whether a code point stands second in a composition.</summary>
    public bool IsSecond(int codePoint) => Seconds.Contains(codePoint);

    private HashSet<int> Seconds => field ??= [.. _compositions.Keys.Select(k => k.Second)];

    /// <summary>The canonical combining class; 0 for starters.</summary>
    public byte ClassOf(int codePoint) => codePoint >= 0x300 && _classes.TryGetValue(codePoint, out byte value) ? value : (byte)0;

    /// <summary>The full decomposition; null where there is none. Hangul is the caller's.</summary>
    public int[]? Decompose(int codePoint, bool compatible)
    {
        if (codePoint < 0xA0) return null;
        if (compatible && _compatible.TryGetValue(codePoint, out int[]? parts)) return parts;
        return _canonical.GetValueOrDefault(codePoint);
    }

    /// <summary>What two code points compose to; -1 for nothing. Hangul is the caller's.</summary>
    public int Compose(int first, int second) => second >= 0x300 && _compositions.TryGetValue((first, second), out int value) ? value : -1;

    private static UnicodeFormTable Load()
    {
        using Stream stream = typeof(UnicodeFormTable).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The assembly lacks its resource '{ResourceName}'.");
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        return new UnicodeFormTable(data);
    }

    private static void ReadRows(ref Reader reader, RowReader read)
    {
        int codePoint = 0;
        for (int rows = reader.Number(); rows > 0; rows--) read(ref reader, codePoint += reader.Number());
    }

    private delegate void RowReader(ref Reader reader, int codePoint);

    private struct Reader(byte[] data)
    {
        private int _at;

        public int Number()
        {
            int value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = data[_at++];
                value |= (next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }

        public int[] Numbers()
        {
            var values = new int[Number()];
            for (int i = 0; i < values.Length; i++) values[i] = Number();
            return values;
        }
    }
}
