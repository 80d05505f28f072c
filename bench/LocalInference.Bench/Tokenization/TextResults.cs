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

/// <summary>Encoding one kind of text with one tokenizer.</summary>
internal sealed record EncodeResult
{
    public string Result => "encode";

    public required string Tokenizer { get; init; }

    public required string Text { get; init; }

    /// <summary>Megabytes of UTF-8 a second.</summary>
    public required Spread OursMbPerSecond { get; init; }

    public required Spread LibraryMbPerSecond { get; init; }

    /// <summary>Ours over the library's, round by round.</summary>
    public required Spread Ratio { get; init; }

    /// <summary>Bytes allocated for each megabyte of text; the buffer for the ids is the caller's.</summary>
    public required double OursAllocatedPerMb { get; init; }

    public required double LibraryAllocatedPerMb { get; init; }

    /// <summary>Whether both gave the same ids in every round.</summary>
    public required bool SameIds { get; init; }
}

/// <summary>Loading a tokenizer, and decoding what it encoded.</summary>
internal sealed record DecodeResult
{
    public string Result => "decode";

    public required string Tokenizer { get; init; }

    /// <summary>Reading the file; the first tokenizer of a run pays for compilation too.</summary>
    public required double LoadMs { get; init; }

    /// <summary>Million tokens a second.</summary>
    public required Spread OursMtokPerSecond { get; init; }

    public required Spread LibraryMtokPerSecond { get; init; }

    public required Spread Ratio { get; init; }
}

/// <summary>A megabyte of the same, ours only: what is not linear shows as a ratio well above 2.</summary>
internal sealed record WorstCaseResult
{
    public string Result => "worst case";

    public required string Tokenizer { get; init; }

    public required string Text { get; init; }

    public required double HalfMs { get; init; }

    public required double WholeMs { get; init; }

    public double Ratio => WholeMs / HalfMs;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EncodeResult))]
[JsonSerializable(typeof(DecodeResult))]
[JsonSerializable(typeof(WorstCaseResult))]
internal sealed partial class TextJson : JsonSerializerContext;
