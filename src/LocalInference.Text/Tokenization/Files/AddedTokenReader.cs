using LocalInference.Text.Tokenization.AddedTokens;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>Reads <c>added_tokens</c>.</summary>
internal static class AddedTokenReader
{
    /// <summary>The file's added tokens in its order.</summary>
    public static IReadOnlyList<AddedToken> Read(TokenizerDocument document)
    {
        var tokens = new List<AddedToken>();
        if (document.Section("added_tokens") is not { IsAbsent: false } section) return tokens;
        var ids = new HashSet<int>();
        foreach (JsonSection element in section.Elements())
        {
            AddedToken token = ReadOne(element);
            if (!ids.Add(token.Id)) throw element["id"].Error("an id that no other added token has");
            if (token.Content.Length > 0) tokens.Add(token);
        }

        return tokens;
    }

    private static AddedToken ReadOne(JsonSection element)
    {
        bool isSpecial = element["special"].Flag(absent: false);
        return new AddedToken(element["id"].Number(), element["content"].Text())
        {
            IsSpecial = isSpecial,
            StripsLeft = element["lstrip"].Flag(absent: false),
            StripsRight = element["rstrip"].Flag(absent: false),
            IsSingleWord = element["single_word"].Flag(absent: false),
            IsNormalized = element["normalized"].Flag(absent: !isSpecial),
        };
    }
}
