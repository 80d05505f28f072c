using System.Text.Json;
using LocalInference.Text.Tokenization.Normalization;

namespace LocalInference.Text.Tests.Tokenization.Normalization;

public sealed class UnicodeFormsTests
{
    private const int Composed = (int)UnicodeForm.Composed;
    private const int Decomposed = (int)UnicodeForm.Decomposed;
    private const int CompatibleComposed = (int)UnicodeForm.CompatibleComposed;
    private const int CompatibleDecomposed = (int)UnicodeForm.CompatibleDecomposed;

    [Theory]
    [InlineData(Composed, "cafe\u0301!", "café!")]
    [InlineData(Composed, "\u212B", "\u00C5")]
    [InlineData(Composed, "a\u0323\u0307b", "\u1EA1\u0307b")]
    [InlineData(Composed, "a\u0307\u0323", "\u1EA1\u0307")]
    [InlineData(Composed, "\u1100\u1161\u11A8", "\uAC01")]
    [InlineData(Composed, "\uAC00\u11A8\u11A8", "\uAC01\u11A8")]
    [InlineData(Composed, "\u0958", "\u0915\u093C")]
    [InlineData(Composed, "\u0344", "\u0308\u0301")]
    [InlineData(Composed, "a\u05B0\u0301", "\u00E1\u05B0")]
    [InlineData(Composed, "\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData(Composed, "\U00011099\U000110BA", "\U0001109A")]
    [InlineData(Composed, "\u0301e", "\u0301e")]
    [InlineData(Decomposed, "é각\u1E69", "e\u0301\u1100\u1161\u11A8s\u0323\u0307")]
    [InlineData(Decomposed, "ﬁ", "ﬁ")]
    [InlineData(CompatibleComposed, "ﬁ²Ａ\u2126\u1E9B\u0323", "fi2A\u03A9\u1E69")]
    [InlineData(CompatibleComposed, "㌔①\u00A0", "キロ1 ")]
    [InlineData(CompatibleDecomposed, "\u1E9B\u0323", "s\u0323\u0307")]
    public void Normalize_KnownText_GivesItsForm(int form, string text, string expected) =>
        Assert.Equal(expected, UnicodeForms.TryNormalize(text, (UnicodeForm)form) ?? text);

    [Theory]
    [InlineData("plain ASCII")]
    [InlineData("déjà vu 你好 한국어")]
    [InlineData("")]
    public void Normalize_NormalText_MakesNoCopy(string text) => Assert.Null(UnicodeForms.TryNormalize(text, UnicodeForm.Composed));

    [Theory]
    [InlineData("\uD83D")]
    [InlineData("\uDC00a\u0301\uD83D")]
    [InlineData("\uFFFE\uFFFF")]
    public void Normalize_BrokenText_DoesNotThrow(string text) =>
        Assert.Equal(text.Replace("a\u0301", "á"), UnicodeForms.TryNormalize(text, UnicodeForm.Composed) ?? text);

    [Fact]
    public void Normalize_RandomTexts_FormsAgreeWithEachOther()
    {
        const int seed = 11;
        var texts = new RandomTexts(seed);
        for (int i = 0; i < 5000; i++)
        {
            string text = texts.Next(20);
            string composed = Form(text, UnicodeForm.Composed);
            string decomposed = Form(text, UnicodeForm.Decomposed);
            string shown = $"seed {seed}, text {i}: {JsonSerializer.Serialize(text)}";
            Assert.True(composed == Form(composed, UnicodeForm.Composed), shown);
            Assert.True(composed == Form(decomposed, UnicodeForm.Composed), shown);
            Assert.True(decomposed == Form(composed, UnicodeForm.Decomposed), shown);
            Assert.True(Form(text, UnicodeForm.CompatibleComposed) == Form(Form(decomposed, UnicodeForm.CompatibleDecomposed), UnicodeForm.Composed), shown);
        }
    }

    [Fact]
    public void Normalize_LongRunOfMarks_IsOrderedInOnePass()
    {
        string marks = string.Concat(Enumerable.Repeat("\u0301\u0316", 50_000));
        string normal = Form("e" + marks, UnicodeForm.Composed);
        Assert.Equal(1 + 50_000 + 49_999, normal.Length);
        Assert.Equal("é" + new string('\u0316', 50_000), normal[..50_001]);
    }

    private static string Form(string text, UnicodeForm form) => UnicodeForms.TryNormalize(text, form) ?? text;
}
