using System.Text;
using LocalInference.Text.Tokenization.Merging;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tests.Tokenization.Merging;

public sealed class WholeCharactersTests
{
    private const int Seed = 29;
    private const string Alphabet = "a é的数E中\uFFFD";

    // A byte-level vocabulary whose merges join random tokens, often across characters and often before their parts can exist.
    private static (Vocabulary Vocabulary, MergeTable Merges, int[] ByteIds) RandomModel(Random random, bool inOrder)
    {
        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        var known = new Dictionary<string, int>();
        foreach (byte[] token in tokens) known[Convert.ToHexString(token)] = known.Count;
        List<(int Left, int Right, int Merged)> pairs = [];
        byte[] sample = Encoding.UTF8.GetBytes(RandomText(random, 400) + "🦙🦙");
        for (int i = 0; i < 120; i++)
        {
            // Two neighbouring tokens of the sample: any stretches of it that are tokens already.
            int at = random.Next(sample.Length);
            if (Longest(at) is not { } left || Longest(at + left.Length) is not { } right) continue;
            byte[] merged = [.. left, .. right];
            if (!known.TryAdd(Convert.ToHexString(merged), tokens.Count)) continue;
            tokens.Add(merged);
            pairs.Add((known[Convert.ToHexString(left)], known[Convert.ToHexString(right)], tokens.Count - 1));
        }

        if (!inOrder) random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pairs));
        var builder = new VocabularyBuilder(isByteLevel: true);
        for (int id = 0; id < tokens.Count; id++) builder.Add(ByteAlphabet.Spelling(tokens[id]), id);
        var merges = new MergeTable();
        for (int rank = 0; rank < pairs.Count; rank++) merges.Add(pairs[rank].Left, pairs[rank].Right, rank, pairs[rank].Merged);
        return (builder.Build().Spelled, merges, [.. Enumerable.Range(0, 256)]);

        byte[]? Longest(int start) => Enumerable.Range(1, random.Next(1, 6)).Reverse().Where(length => start + length <= sample.Length)
            .Select(length => sample[start..(start + length)]).FirstOrDefault(part => known.ContainsKey(Convert.ToHexString(part)));
    }

    private static string RandomText(Random random, int length)
    {
        var text = new StringBuilder();
        for (int i = random.Next(1, length); i > 0; i--)
            text.Append(random.Next(12) == 0 ? "🦙" : random.Next(40) == 0 ? "\uD83D" : Alphabet[random.Next(Alphabet.Length)].ToString());
        return text.ToString();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_RandomVocabularies_MergesToTheSameAsBytes(bool inOrder)
    {
        var random = new Random(Seed);
        int saved = 0;
        for (int round = 0; round < 400; round++)
        {
            (Vocabulary vocabulary, MergeTable merges, int[] byteIds) = RandomModel(random, inOrder);
            var characters = new WholeCharacters(vocabulary, merges, byteIds);
            for (int i = 0; i < 20; i++)
            {
                string text = RandomText(random, 20);
                int[] fromBytes = [.. Encoding.UTF8.GetBytes(text).Select(value => byteIds[value])];
                int[] fromCharacters = new int[fromBytes.Length];
                int count = characters.Read(text, fromCharacters);
                saved += fromBytes.Length - count;
                int[] expected = fromBytes[..ShortMerger.Merge(merges, fromBytes)];
                int[] found = fromCharacters[..ShortMerger.Merge(merges, fromCharacters.AsSpan(0, count))];
                Assert.True(
                    expected.SequenceEqual(found),
                    $"seed {Seed}, round {round}, text {i}: {string.Join(',', expected)} / {string.Join(',', found)}");
            }
        }

        Assert.True(saved > 1000, $"whole characters saved {saved} symbols");
    }

    [Fact]
    public void Read_ACharacterWithAToken_IsOneSymbol()
    {
        (WholeCharacters characters, int token) = Model([(0xE7, 0x9A), (256, 0x84)]);
        int[] symbols = new int[12];
        Assert.Equal(5, characters.Read("的a的é", symbols));
        Assert.Equal([token, 'a', token, 0xC3, 0xA9], symbols[..5]);
    }

    [Fact]
    public void Read_ASpaceThatMayTakeAByteAlong_LeavesTheBytes()
    {
        (WholeCharacters characters, int token) = Model([(0xE7, 0x9A), (256, 0x84), (' ', 0xE7)]);
        int[] symbols = new int[12];
        Assert.Equal(5, characters.Read(" 的的", symbols));
        Assert.Equal([' ', 0xE7, 0x9A, 0x84, token], symbols[..5]);
    }

    [Fact]
    public void Read_ATokenUsedBeforeItIsMade_LeavesTheBytes()
    {
        // Rank 0 joins the character with the letter before rank 2 makes it: in "a的" the letter may already be gone by then.
        (WholeCharacters characters, _) = Model([(258, 'b'), (0xE7, 0x9A), (257, 0x84)], ["的b", "\u0001", "的"]);
        Assert.Equal(3, characters.Read("的", new int[3]));
    }

    // Tokens after the bytes, in the order of the merges; their texts follow from the pairs unless given.
    private static (WholeCharacters Characters, int LastOfFirstTwo) Model((int Left, int Right)[] pairs, string[]? texts = null)
    {
        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        for (int i = 0; i < pairs.Length; i++)
            tokens.Add(texts is null ? [.. tokens[pairs[i].Left], .. tokens[pairs[i].Right]] : texts[i] == "\u0001" ? [0xE7, 0x9A] : Encoding.UTF8.GetBytes(texts[i]));
        var builder = new VocabularyBuilder(isByteLevel: true);
        for (int id = 0; id < tokens.Count; id++) builder.Add(ByteAlphabet.Spelling(tokens[id]), id);
        var merges = new MergeTable();
        for (int rank = 0; rank < pairs.Length; rank++) merges.Add(pairs[rank].Left, pairs[rank].Right, rank, 256 + rank);
        return (new WholeCharacters(builder.Build().Spelled, merges, [.. Enumerable.Range(0, 256)]), 257);
    }
}
