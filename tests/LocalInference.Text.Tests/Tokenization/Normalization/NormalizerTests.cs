namespace LocalInference.Text.Tests.Tokenization.Normalization;

public sealed class NormalizerTests
{
    [Theory]
    [InlineData("""{"type": "Lowercase"}""", "ÄBcİ𐐀", "äbci̇𐐨")]
    [InlineData("""{"type": "Prepend", "prepend": "_"}""", "a", "_a")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": false}""", " \ta ", "a ")]
    [InlineData("""{"type": "Strip", "strip_left": false, "strip_right": true}""", " a \n", " a")]
    [InlineData("""{"type": "Replace", "pattern": {"String": " "}, "content": "_"}""", "a b c", "a_b_c")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "b+"}, "content": "$0"}""", "abbc", "a$0c")]
    [InlineData("""{"type": "NFKC"}""", "ﬁ", "fi")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Replace", "pattern": {"String": "a"}, "content": "b"}]}""", "A", "b")]
    public void Normalize_ByKind_GivesItsResult(string normalizer, string text, string expected) =>
        Assert.Equal(expected, TinyTokenizer.Ascii().With("normalizer", normalizer).Load().Normalizer!.Normalize(text));

    [Theory]
    [InlineData("null")]
    [InlineData("""{"type": "Sequence", "normalizers": []}""")]
    public void Normalizer_Nothing_IsNull(string normalizer) =>
        Assert.Null(TinyTokenizer.Ascii().With("normalizer", normalizer).Load().Normalizer);

    [Fact]
    public void Encode_TextThatNormalisesAway_GivesNothing() =>
        Assert.Empty(TinyTokenizer.Ascii().With("normalizer", """{"type": "Strip", "strip_left": true, "strip_right": true}""").Load().Ids("  "));
}
