using System.Text;
using LocalInference.Testing;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class DetokenizerTests
{
    private static string Whole(Detokenizer detokenizer, IEnumerable<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            ReadOnlySpan<char> part = detokenizer.Append(id);
            Assert.False(part.Length > 0 && (char.IsHighSurrogate(part[^1]) || char.IsLowSurrogate(part[0])), "half a character");
            text.Append(part);
        }

        return text.Append(detokenizer.Flush()).ToString();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Append_RandomIds_EqualsDecodingTheWhole(bool skipSpecial)
    {
        const int seed = 3;
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        var random = new Random(seed);
        var detokenizer = new Detokenizer(tokenizer, skipSpecial);
        for (int i = 0; i < 5000; i++)
        {
            // Half of the ids are the 256 single bytes: most of what they spell is no UTF-8.
            int[] ids = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(2) == 0 ? random.Next(256) : random.Next(-2, tokenizer.VocabularySize + 3))];
            Assert.True(Whole(detokenizer, ids) == tokenizer.Decode(ids, skipSpecial), $"seed {seed}, run {i}: {string.Join(',', ids)}");
        }
    }

    [Fact]
    public void Append_PartsOfACharacter_AreHeldBack()
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        int[] bytes = [.. Encoding.UTF8.GetBytes("🦙").Select(value => tokenizer.Ids("")
            .Append(tokenizer.TryGetId(LocalInference.Text.Tokenization.Vocabularies.ByteAlphabet.LetterOf(value).ToString(), out int id) ? id : -1).Single())];
        var detokenizer = new Detokenizer(tokenizer);
        Assert.Equal(["", "", "", "🦙"], bytes.Select(id => detokenizer.Append(id).ToString()));
        Assert.False(detokenizer.HasPending);
        detokenizer.Append(bytes[0]);
        Assert.True(detokenizer.HasPending);
        Assert.Equal("\uFFFD", detokenizer.Flush().ToString());
    }

    [Fact]
    public void Append_SkippingSpecial_KeepsTokensThatAreNot()
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        int[] ids = tokenizer.Ids("<think>a</think>b<｜end▁of▁sentence｜>");
        Assert.Equal("<think>a</think>b", Whole(new Detokenizer(tokenizer, skipSpecial: true), ids));
        Assert.Equal("<think>a</think>b<｜end▁of▁sentence｜>", Whole(new Detokenizer(tokenizer), ids));
    }

    [Fact]
    public void Append_ManyIds_AllocatesNothing()
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        int[] ids = tokenizer.Ids("The llama 🦙 says 你好 to <think> everyone.");
        var detokenizer = new Detokenizer(tokenizer, skipSpecial: true);
        foreach (int id in ids) detokenizer.Append(id);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            foreach (int id in ids)
                detokenizer.Append(id);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
