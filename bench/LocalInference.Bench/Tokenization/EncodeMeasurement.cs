using System.Diagnostics;
using System.Text;
using LocalInference.Text.Tokenization;

namespace LocalInference.Bench.Tokenization;

/// <summary>Measures ours and the library's turn by turn, so that whatever else the machine does meets both.</summary>
internal sealed class EncodeMeasurement(TextSource source, int rounds)
{
    // Before the first round that counts: compilation in the background takes its time, and caches learn the language's words.
    private const int WarmUpRounds = 3;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(0.6);

    public EncodeResult Run(TokenizerCase tokenizer, TextKind kind)
    {
        List<double> ours = [];
        List<double> library = [];
        (long bytes, long oursAllocated, long libraryAllocated) = (0, 0, 0);
        bool sameIds = true;
        TokenBuffer ids = new(1 << 20);
        long started = Stopwatch.GetTimestamp();
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            string text = source.Next(kind, round);
            int size = Encoding.UTF8.GetByteCount(text);
            IReadOnlyList<int> libraryIds = [];
            (double Seconds, long Allocated) one = default;
            (double Seconds, long Allocated) other = default;
            void Ours() => one = Time(() => tokenizer.Ours.Encode(text, addedTokens: true, ids));
            void Library() => other = Time(() => libraryIds = tokenizer.Library.EncodeToIds(text));
            ids.Clear();
            foreach (Action turn in round % 2 == 0 ? (Action[])[Ours, Library] : [Library, Ours]) turn();
            sameIds &= libraryIds.SequenceEqual(ids.ToArray());
            if (round < 0 && Stopwatch.GetElapsedTime(started) < WarmUpTime) round = -WarmUpRounds;
            if (round < 0) continue;
            ours.Add(size / one.Seconds / 1e6);
            library.Add(size / other.Seconds / 1e6);
            (bytes, oursAllocated, libraryAllocated) = (bytes + size, oursAllocated + one.Allocated, libraryAllocated + other.Allocated);
        }

        return new EncodeResult
        {
            Tokenizer = tokenizer.Name,
            Text = kind.ToString(),
            OursMbPerSecond = Spread.Of(ours),
            LibraryMbPerSecond = Spread.Of(library),
            Ratio = Spread.Of(ours.Zip(library, (a, b) => a / b)),
            OursAllocatedPerMb = oursAllocated * 1e6 / bytes,
            LibraryAllocatedPerMb = libraryAllocated * 1e6 / bytes,
            SameIds = sameIds,
        };
    }

    /// <summary>Decoding English and Chinese, and what loading took.</summary>
    public DecodeResult RunDecode(TokenizerCase tokenizer)
    {
        TokenBuffer buffer = new();
        tokenizer.Ours.Encode(source.Next(TextKind.English, 0) + source.Next(TextKind.Chinese, 0), addedTokens: true, buffer);
        int[] ids = buffer.ToArray();
        List<double> ours = [];
        List<double> library = [];
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            double one = Time(() => tokenizer.Ours.Decode(ids)).Seconds;
            double other = Time(() => tokenizer.Library.Decode(ids)).Seconds;
            if (round < 0) continue;
            ours.Add(ids.Length / one / 1e6);
            library.Add(ids.Length / other / 1e6);
        }

        return new DecodeResult
        {
            Tokenizer = tokenizer.Name,
            LoadMs = tokenizer.LoadMs,
            OursMtokPerSecond = Spread.Of(ours),
            LibraryMtokPerSecond = Spread.Of(library),
            Ratio = Spread.Of(ours.Zip(library, (a, b) => a / b)),
        };
    }

    private static (double Seconds, long Allocated) Time(Action action)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        action();
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }
}
