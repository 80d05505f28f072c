using System.Globalization;
using LocalInference.Core.Completions;

namespace LocalInference.Onnx.Models;

/// <summary>
/// Reads the <c>search</c> object: sampling when a request does not say. <c>max_length</c> is no limit of the model and is not read.
/// </summary>
internal static class SearchDefaults
{
    public static SamplingParameters Read(ConfigReader? search)
    {
        if (search is null)
            return SamplingParameters.Greedy;
        bool samples = search.OptionalBool("do_sample") ?? false;
        double temperature = search.OptionalNumber("temperature", 0, 2) ?? 1;
        double topP = search.OptionalNumber("top_p", 0, 1) ?? 0;
        return new SamplingParameters(
            Temperature: samples ? temperature : 0,
            TopP: topP == 0 ? 1 : topP,
            TopK: search.OptionalInt("top_k", 0) ?? 0,
            MinP: search.OptionalNumber("min_p", 0, 1) ?? 0,
            Seed: 0);
    }

    /// <summary>Values that would change answers elsewhere and do not here.</summary>
    public static IReadOnlyList<string> Unapplied(ConfigReader? search)
    {
        if (search is null)
            return [];
        var found = new List<string>();
        Add("repetition_penalty", neutral: 1);
        Add("no_repeat_ngram_size", neutral: 0);
        Add("min_length", neutral: 0);
        Add("num_beams", neutral: 1);
        return found;

        void Add(string name, double neutral)
        {
            if (search.OptionalNumber(name, double.MinValue, double.MaxValue) is { } value && value != neutral)
                found.Add(string.Create(CultureInfo.InvariantCulture, $"{search.KeyOf(name)} = {value}"));
        }
    }
}
