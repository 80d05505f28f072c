using System.Text;
using CsCheck;
using LocalInference.Text.Parsing;

namespace LocalInference.Text.Tests.Parsing;

public sealed class StopStringMatcherTests
{
    [Theory]
    [InlineData("one two three", "two", "one ")]
    [InlineData("one two three", "four", "one two three")]
    [InlineData("aaab", "aab", "a")]
    [InlineData("abcX", "abcX|bc", "a")]
    [InlineData("abcX", "bcX|abcX", "")]
    [InlineData("User: hi", "User:", "")]
    [InlineData("你好！停止。再见", "停止", "你好！")]
    [InlineData("ends with sto", "stop", "ends with sto")]
    [InlineData("", "x", "")]
    public void Append_WholeText_EndsBeforeTheStopThatIsCompleteFirst(string text, string stops, string expected) =>
        Assert.Equal(expected, Read(text, stops.Split('|'), []).Text);

    [Fact]
    public void Append_CutAnywhere_GivesTheSameText()
    {
        Gen<string> texts = Gen.Char["abc"].Array[0, 12].Select(characters => new string(characters));
        Gen<string[]> stops = Gen.Char["abc"].Array[1, 4].Select(characters => new string(characters)).Array[0, 3];
        Gen.Select(texts, stops, Gen.Int[0, 12].Array[0, 6]).Sample((text, wanted, numbers) =>
        {
            (string whole, bool stopped) = Read(text, wanted, []);
            Assert.Equal((whole, stopped), Read(text, wanted, numbers.Select(number => Math.Min(number, text.Length)).Order()));
            Assert.Equal((whole, stopped), Read(text, wanted, Enumerable.Range(1, Math.Max(0, text.Length - 1))));
            Assert.Equal(stopped, wanted.Any(text.Contains));
            Assert.DoesNotContain(wanted, stop => whole.Contains(stop, StringComparison.Ordinal));
            Assert.True(stopped || whole == text);
        });
    }

    [Fact]
    public void Append_WhatCannotBecomeAStop_IsNotHeldBack()
    {
        StopStringMatcher matcher = new(["stop", "op!"]);
        StringBuilder output = new();
        Assert.False(matcher.Append("a sto", output));
        Assert.Equal("a ", output.ToString());
        Assert.False(matcher.Append("r", output));
        Assert.Equal("a stor", output.ToString());
        Assert.False(matcher.Append("o", output));
        Assert.Equal("a stor", output.ToString());
        matcher.Complete(output);
        Assert.Equal("a storo", output.ToString());
    }

    private static (string Text, bool Stopped) Read(string text, string[] stops, IEnumerable<int> borders)
    {
        StopStringMatcher matcher = new(stops);
        StringBuilder output = new();
        int start = 0;
        foreach (int border in borders.Append(text.Length))
        {
            if (matcher.Append(text.AsSpan(start, border - start), output))
                return (output.ToString(), true);
            start = border;
        }
        matcher.Complete(output);
        return (output.ToString(), false);
    }
}
