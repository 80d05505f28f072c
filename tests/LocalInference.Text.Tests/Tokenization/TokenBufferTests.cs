using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class TokenBufferTests
{
    [Fact]
    public void Add_BeyondItsCapacity_Grows()
    {
        var buffer = new TokenBuffer(capacity: 0);
        for (int id = 0; id < 1000; id++) buffer.Add(id);
        buffer.Add([1000, 1001]);
        Assert.Equal(Enumerable.Range(0, 1002), buffer.ToArray());
        Assert.Equal(1002, buffer.Count);
    }

    [Fact]
    public void Reserve_WithoutAdvance_AddsNothing()
    {
        var buffer = new TokenBuffer(1);
        Span<int> room = buffer.Reserve(10);
        Assert.True(room.Length >= 10);
        room[0] = 7;
        Assert.Equal(0, buffer.Count);
        buffer.Advance(1);
        Assert.Equal([7], buffer.ToArray());
    }

    [Fact]
    public void Truncate_KeepsTheFirst()
    {
        var buffer = new TokenBuffer();
        buffer.Add([1, 2, 3]);
        buffer.Truncate(2);
        Assert.Equal([1, 2], buffer.Ids.ToArray());
        buffer.Clear();
        Assert.True(buffer.Ids.IsEmpty);
    }

    [Fact]
    public void Misuse_IsAnException()
    {
        var buffer = new TokenBuffer(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBuffer(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Truncate(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Truncate(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
    }
}
