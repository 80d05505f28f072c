using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Wire;

/// <summary>Reads how tokens are drawn and when the answer ends.</summary>
internal static class SamplingReader
{
    public static SamplingOptions ReadSampling(Fields request) => new()
    {
        Temperature = request.Number("temperature", 0, SamplingOptions.MaxTemperature),
        TopP = request.Number("top_p", 0, 1, aboveMin: true),
        // vLLM writes "off" as -1 and as 0.
        TopK = (int?)request.Integer("top_k", -1, int.MaxValue) is { } topK ? Math.Max(topK, 0) : null,
        MinP = request.Number("min_p", 0, 1),
        Seed = request.Integer("seed", long.MinValue, long.MaxValue),
    };

    public static StopConditions ReadStop(Fields request, ApiOptions limits, Findings findings)
    {
        // Both are read so that both are checked; the newer name wins.
        int? older = (int?)request.Integer("max_tokens", 1, int.MaxValue);
        int? newer = (int?)request.Integer("max_completion_tokens", 1, int.MaxValue);
        return new StopConditions
        {
            MaxTokens = newer ?? older,
            Strings = ReadStrings(request, limits, findings),
            TokenIds = request.TokenIds("stop_token_ids", limits.MaxStopTokenIds),
            IgnoreEndTokens = request.Boolean("ignore_eos") ?? false,
        };
    }

    private static IReadOnlyList<string> ReadStrings(Fields request, ApiOptions limits, Findings findings)
    {
        if (!request.TryFind("stop", out JsonElement stop)) return [];
        JsonElement[] elements = stop.ValueKind == JsonValueKind.Array ? [.. stop.EnumerateArray()] : [stop];
        string each = $"strings of 1 to {limits.MaxStopStringLength} characters";
        if (elements.Length > limits.MaxStopStrings || stop.ValueKind is not (JsonValueKind.Array or JsonValueKind.String))
        {
            findings.Invalid("stop", stop, $"a string, or at most {limits.MaxStopStrings} {each}");
            return [];
        }
        for (int i = 0; i < elements.Length; i++)
        {
            int length = elements[i].ValueKind == JsonValueKind.String ? elements[i].GetString()!.Length : 0;
            if (length == 0 || length > limits.MaxStopStringLength)
                findings.Invalid(stop.ValueKind == JsonValueKind.Array ? $"stop[{i}]" : "stop", elements[i], each);
        }
        return findings.HasFaults ? [] : [.. elements.Select(element => element.GetString()!)];
    }
}
