using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Conversion;

public sealed class ProgressBarTests
{
    private readonly ManualTime _time = new();
    private readonly StringWriter _output = new();

    [Fact]
    public void Add_Terminal_DrawsOneLineAnewAndEndsIt()
    {
        using (var bar = new ProgressBar(_output, isTerminal: true, 100, _time))
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            bar.Add("a-long-name", 25);
            _time.Advance(TimeSpan.FromSeconds(10));
            bar.Add("b", 25);
        }
        string[] drawn = _output.ToString().Split('\r');
        Assert.Equal("[#######.......................]  25 %  0:30 left  a-long-name", drawn[1]);
        // The shorter line covers the longer one.
        Assert.Equal("[###############...............]  50 %  0:20 left  b".PadRight(drawn[1].Length) + Environment.NewLine, drawn[2]);
    }

    [Fact]
    public void Add_OftenInAMoment_IsShownOnce()
    {
        using (var bar = new ProgressBar(_output, isTerminal: true, 100, _time))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            for (int i = 0; i < 50; i++)
                bar.Add("a", 1);
        }
        Assert.Equal(1, _output.ToString().Count(c => c == '\r'));
    }

    [Fact]
    public void Add_NoTerminal_WritesALineEveryFewSeconds()
    {
        using (var bar = new ProgressBar(_output, isTerminal: false, 100, _time))
            for (int second = 0; second < 12; second++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                bar.Add("a", 5);
            }
        string[] lines = _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains(" 25 %  0:15 left  a", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain('\r', _output.ToString());
    }

    [Fact]
    public void Add_LongWork_SaysMinutesAndMoreThanAllIsAll()
    {
        using (var bar = new ProgressBar(_output, isTerminal: false, 1000, _time))
        {
            _time.Advance(TimeSpan.FromSeconds(60));
            bar.Add("a", 10);
            _time.Advance(TimeSpan.FromSeconds(60));
            bar.Add("a", 2000);
        }
        Assert.Contains("  1 %  99:00 left", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("100 %  0:00 left", _output.ToString(), StringComparison.Ordinal);
    }
}
