using LocalInference.Text.Tokenization.Merging;

namespace LocalInference.Text.Tests.Tokenization.Merging;

public sealed class PieceCacheTests
{
    [Fact]
    public void Get_WhatWasSet_ComesBackUntilReplaced()
    {
        var cache = new PieceCache(entries: 1);
        int[] ids = new int[PieceCache.MaxIds];
        Assert.Equal(-1, cache.Get("one", 1, ids));
        cache.Set("one", 1, [1, 2, 3]);
        Assert.Equal(3, cache.Get("one", 1, ids));
        Assert.Equal([1, 2, 3], ids[..3]);
        Assert.Equal(-1, cache.Get("two", 1, ids));
        cache.Set("two", 2, []);
        Assert.Equal(-1, cache.Get("one", 1, ids));
        Assert.Equal(0, cache.Get("two", 2, ids));
    }

    [Theory]
    [InlineData(PieceCache.MaxChars, 13, true)]
    [InlineData(PieceCache.MaxChars, 14, false)]
    [InlineData(PieceCache.MaxChars + 1, 1, false)]
    [InlineData(2, PieceCache.MaxIds - 1, true)]
    [InlineData(2, PieceCache.MaxIds, false)]
    public void Set_WhatFits_IsKept(int chars, int count, bool fits)
    {
        var cache = new PieceCache(entries: 2);
        string piece = new('x', chars);
        int[] ids = [.. Enumerable.Range(1, count)];
        cache.Set(piece, 7, ids);
        int[] found = new int[PieceCache.MaxIds];
        Assert.Equal(fits ? count : -1, cache.Get(piece, 7, found));
        if (fits) Assert.Equal(ids, found[..count]);
    }

    [Fact]
    public async Task Get_WhileOthersSetTheSamePlace_NeverMixesEntries()
    {
        var cache = new PieceCache(entries: 1);
        string[] pieces = [.. Enumerable.Range(0, 8).Select(i => new string((char)('a' + i), 5 + i))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            int[] ids = new int[PieceCache.MaxIds];
            for (int round = 0; round < 200_000; round++)
            {
                int which = random.Next(pieces.Length);
                int count = cache.Get(pieces[which], 9, ids);
                if (count >= 0) Assert.Equal(Enumerable.Repeat(which, which + 1), ids[..count]);
                else cache.Set(pieces[which], 9, Enumerable.Repeat(which, which + 1).ToArray());
            }
        }, TestContext.Current.CancellationToken)));
    }
}
