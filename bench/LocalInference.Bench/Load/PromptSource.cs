namespace LocalInference.Bench.Load;

/// <summary>
/// Prompts of random words, all different from the first word on, so that no prefix cache can answer for the model.
/// </summary>
/// <param name="seed">The same seed gives the same prompts.</param>
internal sealed class PromptSource(int seed)
{
    // Short everyday words: one token each in most vocabularies.
    private static readonly string[] Words =
        ("time year people way day man thing woman life child world school state family student group country problem hand part place case week company "
        + "system program question work government number night point home water room mother area money story fact month lot right study book eye job "
        + "word business issue side kind head house service friend father power hour game line end member law car city community name president team "
        + "minute idea kid body information back parent face others level office door health person art war history party result change morning reason "
        + "research girl guy moment air teacher force education foot boy age policy music market sense nation plan college interest death experience "
        + "effect use class control care field development role effort rate heart drug show leader light voice wife police mind price report decision "
        + "son view relation town road arm difference value building action season society tax director position player record paper space ground form "
        + "event matter center couple site project base star table need court oil situation cost industry figure street image phone data picture practice "
        + "piece land product doctor wall worker news test movie north love step").Split(' ');

    /// <summary>Tokens that the template adds to every prompt, once measured.</summary>
    public double TemplateTokens { get; private set; }

    /// <summary>Tokens of a word, once measured.</summary>
    public double TokensPerWord { get; private set; } = 1;

    /// <summary>Learns the served tokenizer's measure from two prompts of different lengths.</summary>
    public void Calibrate((int Words, int Tokens) shorter, (int Words, int Tokens) longer)
    {
        TokensPerWord = Math.Max(0.1, (double)(longer.Tokens - shorter.Tokens) / (longer.Words - shorter.Words));
        TemplateTokens = Math.Max(0, shorter.Tokens - (TokensPerWord * shorter.Words));
    }

    /// <summary>A prompt of about so many tokens, template included; at least one word.</summary>
    /// <param name="tokens">The aim.</param>
    /// <param name="level">With <paramref name="index"/>, which prompt.</param>
    /// <param name="index">Which of the level's prompts.</param>
    public string OfTokens(int tokens, int level, int index) =>
        OfWords(Math.Max(1, (int)Math.Round((tokens - TemplateTokens) / TokensPerWord)), level, index);

    /// <summary>A prompt of exactly so many words.</summary>
    public string OfWords(int words, int level, int index)
    {
        Random chance = new(unchecked((((seed * 1_000_003) + level) * 1_000_003) + index));
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[chance.Next(Words.Length)]));
    }
}
