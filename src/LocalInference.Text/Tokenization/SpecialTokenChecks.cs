namespace LocalInference.Text.Tokenization;

/// <summary>What a model folder claims about the tokens that begin and end a text.</summary>
/// <param name="BosId">The configuration's <c>bos_token_id</c> (of genai_config.json, or of config.json); null where it says none.</param>
/// <param name="EosIds">Its <c>eos_token_id</c>, one or several.</param>
/// <param name="VocabularySize">Columns of the logits.</param>
internal sealed record SpecialTokenClaims(int? BosId, IReadOnlyList<int> EosIds, int VocabularySize);

/// <summary>What is to be used instead.</summary>
/// <param name="BosId">The BOS; null for none.</param>
/// <param name="EosIds">Ids that end an answer; at least one.</param>
/// <param name="Corrections">A sentence for each claim that was not believed, for the log.</param>
internal sealed record SpecialTokens(int? BosId, IReadOnlyList<int> EosIds, IReadOnlyList<string> Corrections);

/// <summary>
/// Checks the claims of the model's configuration against the tokenizer: published folders are known to name a wrong BOS, and
/// <c>&lt;｜Assistant｜&gt;</c> as an end. Pure.
/// </summary>
internal static class SpecialTokenChecks
{
    private const string Assistant = "<｜Assistant｜>";

    /// <summary>Checks claims.</summary>
    /// <param name="claims">What the model's configuration says.</param>
    /// <param name="folder">Its tokenizer, with tokenizer_config.json.</param>
    /// <exception cref="InvalidDataException">The model must not be served; the message says why and what to do.</exception>
    public static SpecialTokens Check(SpecialTokenClaims claims, TokenizerFolder folder)
    {
        RequireKnown("bos_token", folder.Config.BosToken, folder.BosId);
        RequireKnown("eos_token", folder.Config.EosToken, folder.EosId);
        var corrections = new List<string>();
        int? bos = CheckBos(claims, folder, corrections);
        List<int> eos = CheckEos(claims, folder, corrections);
        RequireIds(claims, bos, eos);
        return new SpecialTokens(bos, eos, corrections);
    }

    private static int? CheckBos(SpecialTokenClaims claims, TokenizerFolder folder, List<string> corrections)
    {
        if (folder.BosId is not { } bos || bos == claims.BosId) return claims.BosId;
        corrections.Add(
            $"The model's configuration: 'bos_token_id' is {claims.BosId?.ToString() ?? "absent"}, but tokenizer_config.json's bos_token "
            + $"'{folder.Config.BosToken}' is {bos}; {bos} is used.");
        return bos;
    }

    private static List<int> CheckEos(SpecialTokenClaims claims, TokenizerFolder folder, List<string> corrections)
    {
        List<int> ends = [.. claims.EosIds.Distinct()];
        int? assistant = folder.IdOf(Assistant);
        if (assistant is { } id && ends.Remove(id))
            corrections.Add(
                $"The model's configuration: 'eos_token_id' names {id}, which is '{Assistant}' and ends nothing; it is left out.");
        if (folder.EosId is { } eos && !ends.Contains(eos) && eos != assistant)
        {
            ends.Add(eos);
            corrections.Add($"The model's configuration: 'eos_token_id' lacks {eos}, tokenizer_config.json's eos_token; it is added.");
        }

        return ends;
    }

    private static void RequireIds(SpecialTokenClaims claims, int? bos, List<int> eos)
    {
        string allowed = $"allowed: ids from 0 to {claims.VocabularySize - 1}";
        if ((uint?)bos >= (uint)claims.VocabularySize)
            throw new InvalidDataException($"The model's configuration: 'bos_token_id' is {bos}; {allowed}.");
        foreach (int end in eos)
            if ((uint)end >= (uint)claims.VocabularySize)
                throw new InvalidDataException($"The model's configuration: 'eos_token_id' names {end}; {allowed}.");
        if (eos.Count == 0)
            throw new InvalidDataException(
                "The model's configuration: 'eos_token_id' names no token that ends an answer, "
                + "and tokenizer_config.json has no eos_token; set one of them.");
    }

    private static void RequireKnown(string key, string? token, int? id)
    {
        if (token is not null && id is null)
            throw new InvalidDataException(
                $"tokenizer_config.json: '{key}' is '{token}', which tokenizer.json does not have; "
                + "allowed: a token of tokenizer.json, or null.");
    }
}
