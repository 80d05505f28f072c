using System.Text;
using System.Text.Json;
using LocalInference.Testing;
using LocalInference.Text.Chat;
using LocalInference.Text.Tests.Chat;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>What holds for every text and every list of ids, on all tokenizers there are.</summary>
public sealed class PropertyTests
{
    private const int Seed = 43;

    public static TheoryData<string> All => ["tiny-r1", .. ReferenceTokenizers.Names];

    private static ByteLevelBpeTokenizer Load(string name) =>
        name == "tiny-r1" ? ByteLevelBpeTokenizer.Load(Repository.TinyR1) : ReferenceTokenizers.Get(name);

    // Any UTF-16 at all, lone surrogates and unassigned code points included.
    private static string AnyText(Random random, int length)
    {
        var text = new StringBuilder();
        for (int i = random.Next(1, length); i > 0; i--)
        {
            int codePoint =
                random.Next(4) == 0 ? random.Next(0x10FFFF + 1) : random.Next(2) == 0 ? random.Next(0x10000) : random.Next(0x80);
            text.Append(codePoint is >= 0xD800 and <= 0xDFFF ? ((char)codePoint).ToString() : new Rune(codePoint).ToString());
        }

        return text.ToString();
    }

    // What UTF-8 makes of it.
    private static string Wellformed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    [Theory, MemberData(nameof(All))]
    public void Decode_EncodedUtf16_ComesBackWellformed(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        var random = new Random(Seed);
        for (int i = 0; i < 1500; i++)
        {
            string text = AnyText(random, 60);
            string expected = Wellformed(tokenizer.Normalizer?.Normalize(text) ?? text);
            foreach (bool addedTokens in (bool[])[true, false])
                Assert.True(
                    expected == tokenizer.Decode(tokenizer.Ids(text, addedTokens), skipSpecial: false),
                    $"seed {Seed}, text {i} {JsonSerializer.Serialize(text)}");
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Encode_LoneSurrogates_AreTheReplacementCharacter(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        if (tokenizer.Normalizer is not null) return;
        var random = new Random(Seed);
        for (int i = 0; i < 1000; i++)
        {
            string text = AnyText(random, 30);
            Assert.True(
                tokenizer.Ids(Wellformed(text)).SequenceEqual(tokenizer.Ids(text)),
                $"seed {Seed}, text {i} {JsonSerializer.Serialize(text)}");
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Encode_SecondTime_GivesTheSame(string name)
    {
        // What was merged and what the cache remembers.
        ByteLevelBpeTokenizer warm = Load(name);
        var texts = new RandomTexts(Seed);
        for (int i = 0; i < 500; i++)
        {
            string text = texts.Next(80);
            int[] first = warm.Ids(text);
            Assert.Equal(first, warm.Ids(text));
            Assert.Equal(first, warm.EncodeToTokens(text, out _).Select(token => token.Id));
            Assert.Equal(first.Length, warm.CountTokens(text));
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Encode_TextCutAtRandom_IsTheSameAsTheWhole(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        var random = new Random(Seed);
        var texts = new RandomTexts(Seed);
        var output = new TokenBuffer();
        for (int i = 0; i < 1000; i++)
        {
            string text = texts.Next(40);
            int[] whole = tokenizer.Ids(text, addedTokens: false);
            List<PromptSegment> segments = [];
            bool isInput = random.Next(2) == 0;
            for (int at = 0; at < text.Length;)
            {
                int length = random.Next(1, text.Length - at + 1);
                segments.Add(new PromptSegment(text.Substring(at, length), isInput));
                at += length;
                isInput = random.Next(4) == 0 ? isInput : !isInput;
            }

            output.Clear();
            tokenizer.Encode(Prompts.Of(segments), output);
            Assert.True(
                whole.SequenceEqual(output.ToArray()), $"seed {Seed}, text {i} {JsonSerializer.Serialize(segments.Select(s => s.Text))}");
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Detokenizer_AnyIds_EqualsDecodingTheWhole(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        var random = new Random(Seed);
        var detokenizer = new Detokenizer(tokenizer);
        for (int i = 0; i < 3000; i++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(3) == 0 ? random.Next(256) : random.Next(-3, tokenizer.VocabularySize + 3))];
            var text = new StringBuilder();
            foreach (int id in ids)
            {
                ReadOnlySpan<char> part = detokenizer.Append(id);
                Assert.False(part.Length > 0 && (char.IsHighSurrogate(part[^1]) || char.IsLowSurrogate(part[0])), "half a character");
                text.Append(part);
            }

            text.Append(detokenizer.Flush());
            Assert.True(tokenizer.Decode(ids, skipSpecial: false) == text.ToString(), $"seed {Seed}, run {i}: {string.Join(',', ids)}");
        }
    }

    [Theory, MemberData(nameof(All))]
    public void EncodeToTokens_RandomText_PlacesCoverIt(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        var texts = new RandomTexts(Seed);
        for (int i = 0; i < 500; i++)
        {
            string text = texts.Next(40);
            var tokens = tokenizer.EncodeToTokens(text, out string? normalized);
            string source = normalized ?? text;
            int covered = 0;
            foreach (var token in tokens)
            {
                // A token that is a part of a character has that character's place, so neighbours may overlap; gaps there are none.
                Assert.True(
                    token.Offset.Start.Value <= covered && token.Offset.End.Value >= covered,
                    $"seed {Seed}, text {i} {JsonSerializer.Serialize(text)}");
                covered = token.Offset.End.Value;
            }

            Assert.Equal(source.Length, covered);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void GetIndexByTokenCount_RandomTextAndLimit_CutsWhereItSays(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        var random = new Random(Seed);
        var texts = new RandomTexts(Seed);
        for (int i = 0; i < 300; i++)
        {
            string text = texts.Next(30);
            int limit = random.Next(1, 20);
            int index = tokenizer.GetIndexByTokenCount(text, limit, out string? normalized, out int count);
            string source = normalized ?? text;
            Assert.InRange(count, 0, limit);
            Assert.Equal(source[..index], tokenizer.Decode(tokenizer.EncodeToIds(text).Take(count).ToArray(), skipSpecial: false));
            int fromEnd = tokenizer.GetIndexByTokenCountFromEnd(text, limit, out _, out int countFromEnd);
            Assert.InRange(countFromEnd, 0, limit);
            Assert.Equal(
                source[fromEnd..], tokenizer.Decode(tokenizer.EncodeToIds(text).TakeLast(countFromEnd).ToArray(), skipSpecial: false));
        }
    }

    [Theory, MemberData(nameof(All))]
    public async Task Encode_ManyThreads_AgreeWithOne(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => new RandomTexts(i).Next(60))];
        int[][] expected = [.. texts.Select(text => tokenizer.Ids(text))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (int i = 0; i < 400; i++)
                Assert.Equal(expected[(i * 7 + worker) % texts.Length], tokenizer.Ids(texts[(i * 7 + worker) % texts.Length]));
        }, TestContext.Current.CancellationToken)));
    }
}
