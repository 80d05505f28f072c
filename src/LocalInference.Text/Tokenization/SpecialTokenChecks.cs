namespace LocalInference.Text.Tokenization;

/// <summary>What a model folder claims about the tokens that begin and end a text.</summary>
/// <param name="BosId">The configuration's <c>bos_token_id</c> (of genai_config.json, or of config.json); null where it says none.</param>
/// <param name="EosIds">Its <c>eos_token_id</c>, one or several.</param>
/// <param name="VocabularySize">Columns of the logits.</param>
internal sealed record SpecialTokenClaims(int? BosId, IReadOnlyList<int> EosIds, int VocabularySize);

/// <summary>What is to be used instead.</summary>
/// <param name="BosId">The BOS; null for none.</param>
/// <param name="EosIds">Ids that end an answer; at least one unless <paramref name="Refusal"/> is set.</param>
/// <param name="Corrections">A sentence for each claim that was not believed, for the log.</param>
/// <param name="Refusal">Why the model must not be served; null when it may.</param>
internal sealed record SpecialTokens(int? BosId, IReadOnlyList<int> EosIds, IReadOnlyList<string> Corrections, string? Refusal);

/// <summary>
/// Checks the claims of the model's configuration against the tokenizer: published folders are known to name a wrong BOS, and
/// <c>&lt;｜Assistant｜&gt;</c> as an end. Pure.
/// </summary>
internal static class SpecialTokenChecks
{
    private const string Assistant = "<｜Assistant｜>";

    /// <summary>Checks claims.</summary>
    /// <param name="claims">What the model's configuration says.</param>
    /// <param name="tokenizer">The folder's tokenizer.</param>
    /// <param name="config">The folder's tokenizer_config.json.</param>
    public static SpecialTokens Check(SpecialTokenClaims claims, ByteLevelBpeTokenizer tokenizer, TokenizerConfig config)
    {
        var corrections = new List<string>();
        if ((UnknownToken("bos_token", config.BosToken, tokenizer) ?? UnknownToken("eos_token", config.EosToken, tokenizer)) is { } unknown)
            return new SpecialTokens(claims.BosId, claims.EosIds, corrections, unknown);
        int? bos = CheckBos(claims, IdOf(config.BosToken, tokenizer), config, corrections);
        IReadOnlyList<int> eos = CheckEos(claims, IdOf(config.EosToken, tokenizer), tokenizer, corrections);
        return new SpecialTokens(bos, eos, corrections, Refuse(claims, bos, eos));
    }

    private static int? CheckBos(SpecialTokenClaims claims, int? configured, TokenizerConfig config, List<string> corrections)
    {
        if (configured is null || configured == claims.BosId) return claims.BosId;
        corrections.Add(
            $"The model's configuration: 'bos_token_id' is {claims.BosId?.ToString() ?? "absent"}, but tokenizer_config.json's bos_token "
            + $"'{config.BosToken}' is {configured}; {configured} is used.");
        return configured;
    }

    private static List<int> CheckEos(SpecialTokenClaims claims, int? configured, ByteLevelBpeTokenizer tokenizer, List<string> corrections)
    {
        List<int> ends = [.. claims.EosIds.Distinct()];
        if (tokenizer.TryGetId(Assistant, out int assistant) && ends.Remove(assistant))
            corrections.Add($"The model's configuration: 'eos_token_id' names {assistant}, which is '{Assistant}' and ends nothing; it is left out.");
        if (configured is { } eos && !ends.Contains(eos) && eos != assistant)
        {
            ends.Add(eos);
            corrections.Add($"The model's configuration: 'eos_token_id' lacks {eos}, tokenizer_config.json's eos_token; it is added.");
        }

        return ends;
    }

    private static string? Refuse(SpecialTokenClaims claims, int? bos, IReadOnlyList<int> eos)
    {
        string allowed = $"allowed: ids from 0 to {claims.VocabularySize - 1}";
        if (bos is { } begin && (begin < 0 || begin >= claims.VocabularySize)) return $"The model's configuration: 'bos_token_id' is {begin}; {allowed}.";
        foreach (int end in eos)
            if (end < 0 || end >= claims.VocabularySize)
                return $"The model's configuration: 'eos_token_id' names {end}; {allowed}.";
        return eos.Count > 0
            ? null
            : "The model's configuration: 'eos_token_id' names no token that ends an answer, and tokenizer_config.json has no eos_token; set one of them.";
    }

    private static string? UnknownToken(string key, string? token, ByteLevelBpeTokenizer tokenizer) =>
        token is null || tokenizer.TryGetId(token, out _)
            ? null
            : $"tokenizer_config.json: '{key}' is '{token}', which tokenizer.json does not have; allowed: a token of tokenizer.json, or null.";

    private static int? IdOf(string? token, ByteLevelBpeTokenizer tokenizer) =>
        token is not null && tokenizer.TryGetId(token, out int id) ? id : null;
}
