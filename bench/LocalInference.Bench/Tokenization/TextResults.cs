using System.Text.Json.Serialization;

namespace LocalInference.Bench.Tokenization;

/// <summary>Several rounds' values.</summary>
internal sealed record Spread(double Min, double Median, double Max)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread(sorted[0], sorted[sorted.Length / 2], sorted[^1]);
    }
}

/// <summary>What was measured of one tokenizer.</summary>
/// <param name="Result">Which of the kinds below.</param>
/// <param name="Tokenizer">Its name.</param>
internal abstract record TextResult([property: JsonPropertyOrder(-1)] string Result, [property: JsonPropertyOrder(-1)] string Tokenizer);

/// <summary>Encoding one kind of text.</summary>
/// <param name="Tokenizer">The tokenizer's name.</param>
/// <param name="Text">The kind.</param>
/// <param name="OursMbPerSecond">Megabytes of UTF-8 a second.</param>
/// <param name="LibraryMbPerSecond">The library's.</param>
/// <param name="Ratio">Ours over the library's, round by round.</param>
/// <param name="OursAllocatedPerMb">Bytes allocated for each megabyte of text; the buffer for the ids is the caller's.</param>
/// <param name="LibraryAllocatedPerMb">The library's.</param>
/// <param name="SameIds">Whether both gave the same ids in every round.</param>
internal sealed record EncodeResult(
    string Tokenizer, string Text, Spread OursMbPerSecond, Spread LibraryMbPerSecond, Spread Ratio,
    double OursAllocatedPerMb, double LibraryAllocatedPerMb, bool SameIds) : TextResult("encode", Tokenizer);

/// <summary>Loading a tokenizer, and decoding what it encoded.</summary>
/// <param name="Tokenizer">The tokenizer's name.</param>
/// <param name="LoadMs">Reading the file; the first tokenizer of a run pays for compilation too.</param>
/// <param name="OursMtokPerSecond">Million tokens a second.</param>
/// <param name="LibraryMtokPerSecond">The library's.</param>
/// <param name="Ratio">Ours over the library's, round by round.</param>
internal sealed record DecodeResult(string Tokenizer, double LoadMs, Spread OursMtokPerSecond, Spread LibraryMtokPerSecond, Spread Ratio)
    : TextResult("decode", Tokenizer);

/// <summary>A megabyte of the same, ours only: what is not linear shows as a ratio well above 2.</summary>
/// <param name="Tokenizer">The tokenizer's name.</param>
/// <param name="Text">Of what.</param>
/// <param name="HalfMs">Half of it.</param>
/// <param name="WholeMs">All of it.</param>
internal sealed record WorstCaseResult(string Tokenizer, string Text, double HalfMs, double WholeMs) : TextResult("worst case", Tokenizer)
{
    public double Ratio => WholeMs / HalfMs;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EncodeResult))]
[JsonSerializable(typeof(DecodeResult))]
[JsonSerializable(typeof(WorstCaseResult))]
internal sealed partial class TextJson : JsonSerializerContext;
