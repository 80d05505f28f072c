using System.Diagnostics;
using System.Text;
using LocalInference.Text.Tokenization;

namespace LocalInference.Bench.Tokenization;

/// <summary>Measures ours and the library's turn by turn, so that whatever else the machine does meets both.</summary>
internal sealed class EncodeMeasurement(TextSource source, int rounds)
{
    // Before the first round that counts: compilation in the background takes its time, and caches learn the language's words.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.6);

    /// <summary>Encodes one kind of text, a new one each round.</summary>
    public EncodeResult Encode(TokenizerCase tokenizer, TextKind kind)
    {
        List<EncodeRound> counted = [];
        TokenBuffer ids = new(1 << 18);
        int warmed = 0;
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < WarmUp) Round(tokenizer, source.Next(kind, --warmed), oursFirst: true, ids);
        for (int round = 0; round < rounds; round++)
            counted.Add(Round(tokenizer, source.Next(kind, round), oursFirst: round % 2 == 0, ids));
        long bytes = counted.Sum(round => (long)round.Bytes);
        return new EncodeResult(
            tokenizer.Name,
            kind.ToString(),
            OursMbPerSecond: Spread.Of(counted.Select(round => round.Bytes / round.Ours.Seconds / 1e6)),
            LibraryMbPerSecond: Spread.Of(counted.Select(round => round.Bytes / round.Library.Seconds / 1e6)),
            Ratio: Spread.Of(counted.Select(round => round.Library.Seconds / round.Ours.Seconds)),
            OursAllocatedPerMb: counted.Sum(round => round.Ours.Allocated) * 1e6 / bytes,
            LibraryAllocatedPerMb: counted.Sum(round => round.Library.Allocated) * 1e6 / bytes,
            SameIds: counted.All(round => round.SameIds));
    }

    /// <summary>Decodes English and Chinese; what loading took goes with it.</summary>
    public DecodeResult Decode(TokenizerCase tokenizer)
    {
        TokenBuffer buffer = new();
        tokenizer.Ours.Encode(source.Next(TextKind.English, 0) + source.Next(TextKind.Chinese, 0), addedTokens: true, buffer);
        int[] ids = buffer.ToArray();
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < WarmUp) Round();
        List<(double Ours, double Library)> counted = [.. Enumerable.Range(0, rounds).Select(_ => Round())];
        return new DecodeResult(
            tokenizer.Name,
            tokenizer.LoadMs,
            OursMtokPerSecond: Spread.Of(counted.Select(round => ids.Length / round.Ours / 1e6)),
            LibraryMtokPerSecond: Spread.Of(counted.Select(round => ids.Length / round.Library / 1e6)),
            Ratio: Spread.Of(counted.Select(round => round.Library / round.Ours)));

        (double Ours, double Library) Round() =>
            (Time(() => tokenizer.Ours.Decode(ids)).Seconds, Time(() => tokenizer.Library.Decode(ids)).Seconds);
    }

    private static EncodeRound Round(TokenizerCase tokenizer, string text, bool oursFirst, TokenBuffer ids)
    {
        IReadOnlyList<int> libraryIds = [];
        ids.Clear();
        Cost ours = oursFirst ? Ours() : default;
        Cost library = Time(() => libraryIds = tokenizer.Library.EncodeToIds(text));
        if (!oursFirst) ours = Ours();
        return new EncodeRound(Encoding.UTF8.GetByteCount(text), ours, library, libraryIds.SequenceEqual(ids.ToArray()));

        Cost Ours() => Time(() => tokenizer.Ours.Encode(text, addedTokens: true, ids));
    }

    private static Cost Time(Action action)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        action();
        return new Cost(Stopwatch.GetElapsedTime(started).TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private readonly record struct Cost(double Seconds, long Allocated);

    private sealed record EncodeRound(int Bytes, Cost Ours, Cost Library, bool SameIds);
}
