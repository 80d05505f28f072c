using System.Diagnostics;
using LocalInference.Text.Tokenization;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Bench.Tokenization;

/// <summary>A tokenizer under measurement, loaded both ways.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Ours">Ours.</param>
/// <param name="Library">The library's.</param>
/// <param name="LoadMs">What loading ours took; the first of a process pays for its compilation.</param>
internal sealed record TokenizerCase(string Name, ByteLevelBpeTokenizer Ours, BpeTokenizer Library, double LoadMs)
{
    public static TokenizerCase Load(string name, string file)
    {
        long started = Stopwatch.GetTimestamp();
        ByteLevelBpeTokenizer ours = ByteLevelBpeTokenizer.Load(file);
        double loadMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return new TokenizerCase(name, ours, LibraryBpe.Create(file, ours), loadMs);
    }
}
