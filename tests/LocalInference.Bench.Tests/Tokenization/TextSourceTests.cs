using System.Text;
using LocalInference.Bench.Tokenization;
using LocalInference.Testing;

namespace LocalInference.Bench.Tests.Tokenization;

public sealed class TextSourceTests
{
    private const int Size = 20_000;

    public static TheoryData<int> Kinds => [.. Enum.GetValues<TextKind>().Select(kind => (int)kind)];

    [Theory, MemberData(nameof(Kinds))]
    public void Next_ARound_IsItsOwnTextOfAboutTheSize(int kind)
    {
        TextSource source = new(Repository.Root, seed: 1, Size);
        string first = source.Next((TextKind)kind, 0);
        Assert.InRange(Encoding.UTF8.GetByteCount(first), Size * 3 / 4, Size * 5 / 4);
        Assert.NotEqual(first, source.Next((TextKind)kind, 1));
        Assert.Equal(first, new TextSource(Repository.Root, seed: 1, Size).Next((TextKind)kind, 0));
        Assert.NotEqual(first, new TextSource(Repository.Root, seed: 2, Size).Next((TextKind)kind, 0));
    }

    [Fact]
    public void Next_EachKind_IsWhatItSays()
    {
        TextSource source = new(Repository.Root, seed: 1, Size);
        string english = source.Next(TextKind.English, 0);
        string chinese = source.Next(TextKind.Chinese, 0);
        Assert.True(english.Count(c => char.IsAsciiLetter(c) || c == ' ') > english.Length * 9 / 10);
        Assert.DoesNotContain("summary>", english, StringComparison.Ordinal);
        Assert.True(chinese.Count(c => c is >= '\u4E00' and <= '\u9FA5') > chinese.Length * 8 / 10);
        Assert.Contains("return ", source.Next(TextKind.Code, 0), StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_NoSources_SaysWhatToDo()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bench-");
        try
        {
            folder.CreateSubdirectory("src");
            Assert.Contains("whole checkout", Assert.Throws<BenchException>(() => new TextSource(folder.FullName, 1, Size)).Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
