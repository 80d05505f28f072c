using System.Text.Json;
using LocalInference.Text.Tokenization.AddedTokens;

namespace LocalInference.Text.Tests.Tokenization.AddedTokens;

public sealed class AddedTokenMatcherTests
{
    private static AddedTokenMatcher Matcher(IEnumerable<AddedToken> tokens) => new(tokens, token => token.Content);

    private static List<(int Id, int Start, int End)> All(AddedTokenMatcher matcher, string text, bool trusted = true)
    {
        List<(int, int, int)> found = [];
        TextOrigins origins = TextOrigins.All(trusted);
        (int at, int taken) = (0, 0);
        while (matcher.TryFind(text, at, taken, ref origins, out AddedTokenMatch match))
        {
            found.Add((match.Token.Id, match.Start, match.End));
            (at, taken) = (match.Resume, match.End);
        }

        return found;
    }

    [Fact]
    public void TryFind_RandomTokensAndTexts_AgreesWithTryingEach()
    {
        const int seed = 53;
        var random = new Random(seed);
        string Word(int max) => string.Concat(Enumerable.Range(0, random.Next(1, max)).Select(_ => "ab<｜"[random.Next(4)]));
        for (int round = 0; round < 500; round++)
        {
            AddedToken[] tokens = [.. Enumerable.Range(0, random.Next(1, 12)).Select(id => new AddedToken(id, Word(5)))];
            string text = Word(40);
            Assert.True(
                Naive(tokens, text).SequenceEqual(All(Matcher(tokens), text)),
                $"seed {seed}, round {round}: {text} / {JsonSerializer.Serialize(tokens.Select(t => t.Content))}");
        }
    }

    // Leftmost, longest, of equal ones the last.
    private static List<(int Id, int Start, int End)> Naive(AddedToken[] tokens, string text)
    {
        List<(int, int, int)> found = [];
        for (int at = 0; at < text.Length; at++)
        {
            AddedToken? best = tokens.Where(token => string.CompareOrdinal(text, at, token.Content, 0, token.Content.Length) == 0)
                .OrderBy(token => token.Content.Length).ThenBy(token => token.Id).LastOrDefault();
            if (best is null) continue;
            found.Add((best.Id, at, at + best.Content.Length));
            at += best.Content.Length - 1;
        }

        return found;
    }

    [Fact]
    public void TryFind_Untrusted_FindsOnlyPlainText()
    {
        AddedTokenMatcher matcher = Matcher([new AddedToken(0, "<x>"), new AddedToken(1, "ü"), new AddedToken(2, "  "), new AddedToken(3, "§") { IsSpecial = true }]);
        Assert.Equal([(1, 3, 4), (2, 4, 6)], All(matcher, "<x>ü  §", trusted: false));
        Assert.Equal([(0, 0, 3), (1, 3, 4), (2, 4, 6), (3, 6, 7)], All(matcher, "<x>ü  §"));
    }

    [Fact]
    public void TryFind_StripsWhiteSpaceOfAnyKind()
    {
        AddedTokenMatcher matcher = Matcher([new AddedToken(0, "<x>") { StripsLeft = true, StripsRight = true }]);
        Assert.Equal([(0, 1, 9)], All(matcher, "a \u3000\t<x>\n\u00A0b"));
        Assert.Equal([(0, 0, 3)], All(matcher, "<x>"));
        Assert.Equal([(0, 0, 5)], All(matcher, " <x> "));
    }

    [Theory]
    [InlineData("é<x>", false)]
    [InlineData("的<x>", false)]
    [InlineData("\u0301<x>", false)]
    [InlineData("<x>_", false)]
    [InlineData("<x>٣", false)]
    [InlineData("<x>\U00010400", false)]
    [InlineData("<x>\u200D", false)]
    [InlineData("。<x>。", true)]
    [InlineData("🦙<x>🦙", true)]
    [InlineData("²<x>", true)]
    public void TryFind_SingleWord_KnowsWordCharactersOfEveryScript(string text, bool isFound) =>
        Assert.Equal(isFound, All(Matcher([new AddedToken(0, "<x>") { IsSingleWord = true }]), text).Count == 1);

    [Fact]
    public void TryFind_SingleWordThatFails_IsPassedOver() =>
        Assert.Equal([(1, 3, 5)], All(Matcher([new AddedToken(0, "ab") { IsSingleWord = true }, new AddedToken(1, "bc")]), "abcbc"));

    [Fact]
    public void TryFind_NothingToLookFor_FindsNothing()
    {
        Assert.True(Matcher([]).IsEmpty);
        Assert.Empty(All(Matcher([]), "text"));
    }

    [Fact]
    public void ControlLimit_AlternatingOrigins_EndsWithEachTrustedStretch()
    {
        var origins = TextOrigins.Of([new(3, IsInput: false), new(5, IsInput: true), new(9, IsInput: false)]);
        Assert.Equal([3, 3, 3, 0, 0, 9, 9, 9, 9], Limits(origins, 9));
        Assert.Equal([0, 0, 6, 6], Limits(origins.From(3), 4));
        Assert.False(origins.IsUniform);
    }

    [Fact]
    public void ControlLimit_AskedBackwards_StillAnswers()
    {
        var origins = TextOrigins.Of([new(3, IsInput: true), new(5, IsInput: false), new(9, IsInput: true)]);
        Assert.Equal(0, origins.ControlLimit(8));
        Assert.Equal(5, origins.ControlLimit(4));
        Assert.Equal(0, origins.ControlLimit(0));
    }

    private static int[] Limits(TextOrigins origins, int length)
    {
        int[] limits = new int[length];
        for (int i = 0; i < length; i++) limits[i] = origins.ControlLimit(i);
        return limits;
    }
}
