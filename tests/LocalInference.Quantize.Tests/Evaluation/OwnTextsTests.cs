using LocalInference.Quantize.Chance;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Evaluation;

public sealed class OwnTextsTests
{
    private const int All = 1_000_000;

    [Theory]
    [InlineData("qwen2", 151936)]
    [InlineData("llama-bpe", 128256)]
    [InlineData("deepseek-v3", 129280)]
    [InlineData("deepseek-llm", 102400)]
    [InlineData("deepseek-coder", 32256)]
    public void ForLearning_PublishedTokenizer_IsThousandsOfTokensNoneOfThemMeasured(string name, int vocabulary)
    {
        ModelTokenizer tokenizer = Load(ReferenceData.PathOf("tokenizers", name));
        Assert.True(OwnTexts.Suit(tokenizer, vocabulary));
        // A model cut short would be asked for rows that it has not.
        Assert.False(OwnTexts.Suit(tokenizer, 5000));
        CalibrationText learned = OwnTexts.ForLearning(tokenizer, vocabulary, All);
        EvaluationText measured = OwnTexts.ForMeasuring(tokenizer, vocabulary, All);
        Assert.InRange(learned.Sequences.Sum(s => s.Length), 4000, 9000);
        Assert.InRange(measured.Sequences.Sum(s => s.Length), 1200, 3500);
        Assert.Empty(Runs(learned.Sequences).Intersect(Runs(measured.Sequences)));
        Assert.StartsWith(
            $"{learned.Sequences.Sum(s => s.Length)} tokens: this tool's own texts (english, chinese, code, mathematics, dialogue)",
            learned.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void ForMeasuring_FewTokens_TakesSomeOfEachKind()
    {
        ModelTokenizer tokenizer = Load(ReferenceData.PathOf("tokenizers", "qwen2"));
        EvaluationText text = OwnTexts.ForMeasuring(tokenizer, 151936, 250);
        Assert.Equal(5, text.Sequences.Count);
        Assert.InRange(text.Sequences.Sum(s => s.Length), 200, 255);
        Assert.Empty(text.Questions);
    }

    [Fact]
    public void Suit_TokenizerOfBytes_IsFalse()
    {
        using var folder = new TemporaryFolder();
        RandomTokenizer.Write(folder.Output("tokenizer"), 100);
        Assert.False(OwnTexts.Suit(Load(folder.In("tokenizer")), All));
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("llama")]
    [InlineData("qwen3")]
    public void Suit_TokenizerOfAReferenceCheckpoint_IsFalse(string checkpoint) =>
        Assert.False(OwnTexts.Suit(Load(ReferenceData.PathOf("checkpoints", checkpoint)), All));

    [Fact]
    public void Pieces_Text_EachBeginsAsTheModelsTextsDo()
    {
        ModelTokenizer tokenizer = Load(Repository.TinyR1Checkpoint);
        int[] ids = tokenizer.Encode("What is 3 plus 4? <｜User｜>");
        int[][] pieces = [.. tokenizer.Pieces("What is 3 plus 4? <｜User｜>", 3, 2048)];
        Assert.All(pieces, piece => Assert.Equal(2035, piece[0]));
        Assert.Equal(ids, pieces.SelectMany(piece => piece[1..]));
        Assert.Contains(2033, ids);
        Assert.All(pieces[..^1], piece => Assert.Equal(4, piece.Length));
    }

    [Fact]
    public void Pieces_IdBeyondTheVocabulary_IsNamed()
    {
        ModelTokenizer tokenizer = Load(Repository.TinyR1Checkpoint);
        string message = Assert.Throws<QuantizeException>(() => tokenizer.Pieces("Hello <｜User｜>", 10, 2000).ToArray()).Message;
        Assert.Contains("gives the id 2033; expected: below vocab_size, 2000", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": []}}""")]
    public void TryLoad_TokenizerOfAnotherKind_SaysWhy(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("tokenizer.json"), json);
        Assert.Null(ModelTokenizer.TryLoad(folder.Path, out string? whyNot));
        Assert.Contains("tokenizer.json", whyNot!, StringComparison.Ordinal);
    }

    [Fact]
    public void Spread_MorePiecesThanWanted_AreTakenAtEvenDistances()
    {
        int[][] pieces = [.. Enumerable.Range(0, 10).Select(i => new[] { i })];
        Assert.Equal([0, 2, 5, 7], CalibrationText.Spread(pieces, 4).Select(p => p[0]));
        Assert.Same(pieces, CalibrationText.Spread(pieces, 10));
    }

    private static ModelTokenizer Load(string folder) =>
        ModelTokenizer.TryLoad(folder, out string? whyNot) ?? throw new InvalidOperationException(whyNot);

    /// <summary>All runs of 30 ids: two texts that share one share a sentence, and not only markers or a turn of phrase.</summary>
    private static IEnumerable<string> Runs(IEnumerable<int[]> sequences) =>
        sequences.SelectMany(s => Enumerable.Range(0, Math.Max(0, s.Length - 30)).Select(i => string.Join(' ', s[i..(i + 30)])));
}
