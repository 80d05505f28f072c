using System.Buffers;
using LocalInference.Testing;
using LocalInference.Text.Tokenization;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>The tokenizer as a <see cref="Tokenizer"/>: what other .NET code calls.</summary>
public sealed class LibrarySurfaceTests
{
    private static readonly ByteLevelBpeTokenizer TinyR1 = ByteLevelBpeTokenizer.Load(Repository.TinyR1);

    private static readonly Tokenizer Tokenizer = TinyR1;

    [Fact]
    public void EncodeToTokens_Text_NamesTokensAndPlaces()
    {
        IReadOnlyList<EncodedToken> tokens = Tokenizer.EncodeToTokens("<think>Count e\u0301 to", out string? normalized);
        Assert.Equal("<think>Count é to", normalized);
        Assert.Equal("<think>", tokens[0].Value);
        Assert.Equal(0..7, tokens[0].Offset);
        Assert.Equal(Tokenizer.EncodeToIds("<think>Count é to"), tokens.Select(token => token.Id));
        Assert.Equal(normalized!.Length, tokens[^1].Offset.End.Value);
        Assert.Equal("Ġto", tokens[^1].Value);
    }

    [Fact]
    public void EncodeToTokens_PartsOfACharacter_ShareItsPlace()
    {
        IReadOnlyList<EncodedToken> tokens = Tokenizer.EncodeToTokens("a🦙b", out _);
        Assert.True(tokens.Count > 3);
        Assert.All(tokens.Skip(1).SkipLast(1), token => Assert.Equal(1..3, token.Offset));
        Assert.Equal(3..4, tokens[^1].Offset);
    }

    [Fact]
    public void EncodeToIds_Limited_NeverCutsACharacter()
    {
        const string text = "a🦙b";
        int all = Tokenizer.CountTokens(text);
        for (int limit = 1; limit <= all + 1; limit++)
        {
            IReadOnlyList<int> ids = Tokenizer.EncodeToIds(text, limit, out _, out int consumed);
            int expected = limit >= all ? all : limit == all - 1 ? all - 1 : 1;
            Assert.Equal(expected, ids.Count);
            Assert.Equal(text[..consumed], Tokenizer.Decode(ids));
        }
    }

    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(3, 1, 3)]
    [InlineData(100, 4, 0)]
    public void GetIndexByTokenCount_Limit_StopsAtWholeCharacters(int limit, int fromStart, int fromEnd)
    {
        const string text = "a🦙b";
        Assert.Equal(fromStart, Tokenizer.GetIndexByTokenCount(text, limit, out _, out int count));
        Assert.Equal(count, Tokenizer.CountTokens(text[..fromStart]));
        Assert.Equal(fromEnd, Tokenizer.GetIndexByTokenCountFromEnd(text, limit, out _, out count));
        Assert.Equal(count, Tokenizer.CountTokens(text[fromEnd..]));
    }

    [Fact]
    public void EncodeToIds_WithoutPreTokenisation_FindsNoAddedTokens()
    {
        Assert.DoesNotContain(2037, Tokenizer.EncodeToIds("<think>", considerPreTokenization: false));
        Assert.Equal([2037], Tokenizer.EncodeToIds("<think>".AsSpan()));
    }

    [Fact]
    public void PreTokenizer_Text_GivesPlacesOfPiecesAndAddedTokens() =>
        Assert.Equal([(0, 2), (2, 7), (9, 3), (12, 1)], Tokenizer.PreTokenizer!.PreTokenize("Hi<think> yo!"));

    [Fact]
    public void Decode_IntoASpanThatIsTooSmall_CanGoOn()
    {
        const string text = "Count 🦙🦙 from 1 to 29 你好.";
        int[] ids = [.. Tokenizer.EncodeToIds(text)];
        foreach (int size in (int[])[8, 9, 64])
        {
            string decoded = "";
            int at = 0;
            char[] room = new char[size];
            OperationStatus status;
            do
            {
                status = Tokenizer.Decode(ids.Skip(at), room, out int consumed, out int written);
                Assert.True(consumed > 0);
                at += consumed;
                decoded += new string(room, 0, written);
            }
            while (status == OperationStatus.DestinationTooSmall);
            Assert.Equal((OperationStatus.Done, text), (status, decoded));
        }
    }

    [Fact]
    public void Decode_IntoASpan_EndsBeforeAnUnfinishedCharacter()
    {
        int[] ids = [.. Tokenizer.EncodeToIds("a🦙")];
        Assert.Equal(OperationStatus.NeedMoreData, Tokenizer.Decode(ids[..^1], new char[9], out int consumed, out int written));
        Assert.Equal((1, 1), (consumed, written));
    }

    [Fact]
    public void Decode_IdsOutsideTheVocabulary_AreSkipped() =>
        Assert.Equal("Hi", Tokenizer.Decode([-5, .. Tokenizer.EncodeToIds("Hi"), 999_999]));

    [Fact]
    public void Encode_LoneSurrogates_AreReplacementCharacters() =>
        Assert.Equal(TinyR1.Ids("a\uFFFDb\uFFFD"), TinyR1.Ids("a\uD83Db\uDC00"));
}
