using System.Text;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tests.Tokenization.Vocabularies;

public sealed class VocabularyTests
{
    private static (Vocabulary Spelled, TokenTexts Written) Build(bool isByteLevel, params (string Spelling, int Id)[] tokens)
    {
        var builder = new VocabularyBuilder(isByteLevel);
        foreach ((string spelling, int id) in tokens) builder.Add(spelling, id);
        return builder.Build();
    }

    [Fact]
    public void Find_ManyTokensInAnyOrder_FindsEach()
    {
        var random = new Random(3);
        string[] texts = [.. Enumerable.Range(0, 5000).Select(i => $"{i:X}{new string((char)('a' + i % 26), random.Next(20))}")];
        int[] ids = [.. Enumerable.Range(0, texts.Length)];
        random.Shuffle(ids);
        Vocabulary vocabulary = Build(isByteLevel: false, [.. texts.Zip(ids)]).Spelled;
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(ids[i], vocabulary.Find(Encoding.UTF8.GetBytes(texts[i])));
            Assert.Equal(texts[i], Encoding.UTF8.GetString(vocabulary.Texts[ids[i]]));
        }

        Assert.Equal(-1, vocabulary.Find("not there"u8));
        Assert.Equal(texts.Max(text => text.Length), vocabulary.MaxLength);
    }

    [Fact]
    public void Find_ByteLevel_KnowsBytesAndSpellings()
    {
        Vocabulary vocabulary = Build(isByteLevel: true, ("Ġa", 4), ("ĠçļĦ", 1), ("<｜x｜>", 2)).Spelled;
        Assert.Equal(4, vocabulary.Find(" a"u8));
        Assert.Equal(1, vocabulary.Find(" 的"u8));
        Assert.Equal(4, vocabulary.FindSpelling("Ġa"));
        Assert.Equal(-1, vocabulary.FindSpelling(" a"));
        Assert.Equal("Ġa", vocabulary.SpellingOf(4));
        // Spelled in letters that stand for no byte: an id, but nothing that text can turn into.
        Assert.Equal(-1, vocabulary.Find("<｜x｜>"u8));
        Assert.Equal("<｜x｜>", vocabulary.SpellingOf(2));
    }

    [Fact]
    public void Texts_IdsThatNobodyDefined_SayNothing()
    {
        Vocabulary vocabulary = Build(isByteLevel: true, ("a", 5)).Spelled;
        Assert.Equal(6, vocabulary.Texts.Size);
        foreach (int id in (int[])[-1, 0, 4, 6, int.MaxValue, int.MinValue]) Assert.True(vocabulary.Texts[id].IsEmpty);
    }

    [Fact]
    public void WriteAs_ChangesWhatIsWrittenOnly()
    {
        var builder = new VocabularyBuilder(isByteLevel: false);
        builder.Add("▁a", 0);
        builder.WriteAs(0, " a"u8);
        builder.WriteAs(2, "<x>"u8);
        (Vocabulary spelled, TokenTexts written) = builder.Build();
        Assert.Equal(0, spelled.Find("▁a"u8));
        Assert.Equal(-1, spelled.Find(" a"u8));
        Assert.Equal(" a", Encoding.UTF8.GetString(written[0]));
        Assert.Equal("<x>", Encoding.UTF8.GetString(written[2]));
        Assert.Equal(3, written.Size);
    }

    [Fact]
    public void ByteAlphabet_AllBytes_AreSpelledAndRead()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        string spelling = ByteAlphabet.Spelling(bytes);
        Assert.Equal(256, spelling.Distinct().Count());
        Assert.DoesNotContain(spelling, char.IsWhiteSpace);
        byte[] read = new byte[256];
        Assert.True(ByteAlphabet.TrySpell(spelling, read));
        Assert.Equal(bytes, read);
        Assert.Equal(('A', 'Ġ', 'Ċ', 'ł'), (ByteAlphabet.LetterOf((byte)'A'), ByteAlphabet.LetterOf((byte)' '), ByteAlphabet.LetterOf((byte)'\n'), ByteAlphabet.LetterOf(0xA0)));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("的")]
    [InlineData("\u0180")]
    [InlineData("\u00AD")]
    public void ByteAlphabet_OtherLetters_SpellNothing(string letters) => Assert.False(ByteAlphabet.TrySpell(letters, new byte[8]));

    [Fact]
    public void ByteHash_EveryByteAndLength_Counts()
    {
        HashSet<uint> hashes = [];
        int count = 0;
        for (int length = 0; length < 40; length++)
        {
            byte[] bytes = new byte[length];
            Assert.True(hashes.Add(ByteHash.Of(bytes)), $"{length} zeros");
            count++;
            for (int at = 0; at < length; at++)
            {
                bytes[at] = 1;
                hashes.Add(ByteHash.Of(bytes));
                count++;
                bytes[at] = 0;
            }
        }

        Assert.Equal(count, hashes.Count);
    }
}
