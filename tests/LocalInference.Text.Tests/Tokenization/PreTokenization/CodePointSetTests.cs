using System.Globalization;
using System.Text;
using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tests.Tokenization.PreTokenization;

public sealed class CodePointSetTests
{
    [Fact]
    public void Of_EveryCodePoint_AgreesWithItsCategory()
    {
        for (int codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (!Rune.IsValid(codePoint)) continue;
            CharClass found = CharClasses.Of(codePoint);
            string category = ShortName(Rune.GetUnicodeCategory(new Rune(codePoint)));
            Assert.True(found.HasFlag(CharClass.Letter) == (category[0] == 'L'), $"U+{codePoint:X}");
            Assert.True(found.HasFlag(CharClass.Number) == (category[0] == 'N'), $"U+{codePoint:X}");
            Assert.True(found.HasFlag(CharClass.Mark) == (category[0] == 'M'), $"U+{codePoint:X}");
            Assert.True(found.HasFlag(CharClass.Punctuation) == (category[0] == 'P'), $"U+{codePoint:X}");
            Assert.True(found.HasFlag(CharClass.Symbol) == (category[0] == 'S'), $"U+{codePoint:X}");
            Assert.True(found.HasFlag(CharClass.Space) == Rune.IsWhiteSpace(new Rune(codePoint)), $"U+{codePoint:X}");
        }

        Assert.Equal(CharClass.Space | CharClass.LineBreak, CharClasses.Of('\n'));
    }

    private static string ShortName(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => "L",
        <= UnicodeCategory.EnclosingMark => "M",
        <= UnicodeCategory.OtherNumber => "N",
        <= UnicodeCategory.ParagraphSeparator => "Z",
        <= UnicodeCategory.PrivateUse => "C",
        <= UnicodeCategory.OtherPunctuation => "P",
        <= UnicodeCategory.OtherSymbol => "S",
        _ => "C",
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ContainsAt_RangesCategoriesAndNegation_AgreesWithTheDefinition(bool isNegated)
    {
        (int First, int Last)[] ranges = [('a', 'f'), (0x3000, 0x30FF), (0xFFF0, 0x10010), (0x10400, 0x1044F)];
        var set = new CodePointSet(ranges, CharClass.Number, isNegated);
        for (int codePoint = 0; codePoint < 0x20000; codePoint++)
        {
            if (!Rune.IsValid(codePoint)) continue;
            bool expected = isNegated != (ranges.Any(range => codePoint >= range.First && codePoint <= range.Last) || CharClasses.Of(codePoint).HasFlag(CharClass.Number));
            string text = char.ConvertFromUtf32(codePoint);
            Assert.True(expected == set.ContainsAt(text, 0, out int width), $"U+{codePoint:X}");
            Assert.Equal(text.Length, width);
        }
    }

    [Theory]
    [InlineData("[\n]", "ab\ncd", 2)]
    [InlineData("[\n]", "abcd", 4)]
    [InlineData("[x-z]", "x", 0)]
    [InlineData("[^\n]", "\n\na", 0)]
    public void SkipOthers_NeverPassesAMember(string pattern, string text, int expected) =>
        Assert.Equal(expected, ClassPattern.TryRead(pattern)!.Set.SkipOthers(text, 0));

    [Fact]
    public void ContainsAt_LoneSurrogate_IsWhatItBecomes()
    {
        var replacement = new CodePointSet([(0xFFFD, 0xFFFD)], CharClass.None);
        Assert.True(replacement.ContainsAt("\uD83D", 0, out _));
        Assert.True(replacement.ContainsAt("\uDC00a", 0, out _));
        Assert.False(replacement.ContainsAt("🦙", 0, out _));
    }

    [Fact]
    public void Write_StandIns_HaveTheirCharactersCategories()
    {
        const string text = "a🦙𐐀𝟙\uD83Db\U000E0100";
        char[] characters = new char[text.Length];
        int[] places = new int[text.Length + 1];
        int count = StandIns.Write(text, characters, places);
        Assert.Equal(7, count);
        Assert.Equal([0, 1, 3, 5, 7, 8, 9, 11], places[..8]);
        Assert.Equal('\uFFFD', characters[4]);
        Assert.Equal(
            text.EnumerateRunes().Select(Rune.GetUnicodeCategory),
            characters[..7].Select(CharUnicodeInfo.GetUnicodeCategory));
    }

    [Theory]
    [InlineData(0, 2, 10, 0, 2)]
    [InlineData(1, 3, 10, 1, 1)]
    [InlineData(2, 4, 10, 2, 0)]
    [InlineData(3, 4, 11, 3, 0)]
    public void Slice_PieceWithAddedCharacters_KeepsPlaces(int start, int end, int offset, int dropped, int added)
    {
        Piece part = new Piece("__ab", 10, added: 2).Slice(start, end);
        Assert.Equal("__ab"[start..end], part.Text.ToString());
        Assert.Equal((offset, added), (part.Offset, part.Added));
        Assert.Equal(new Piece("__ab", 10, added: 2).PlaceOf(dropped), part.PlaceOf(0));
    }
}
