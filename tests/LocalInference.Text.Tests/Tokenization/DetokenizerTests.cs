using System.Text;
using LocalInference.Testing;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class DetokenizerTests
{
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
    public void Append_ManyIds_AllocatesNothing()
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        int[] ids = tokenizer.Ids("The llama 🦙 says 你好 to <think> everyone.");
        var detokenizer = new Detokenizer(tokenizer);
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
                foreach (int id in ids)
                    detokenizer.Append(id);
        }));
    }
}
