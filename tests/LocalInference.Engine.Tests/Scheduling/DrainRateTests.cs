using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Scheduling;

public sealed class DrainRateTests
{
    [Fact]
    public void RetryAfter_NothingMeasured_IsFiveSeconds() => Assert.Equal(TimeSpan.FromSeconds(5), new DrainRate().RetryAfter(1_000_000));

    [Theory]
    [InlineData(0, 3)]      // a sequence ends every 2.5 s
    [InlineData(350, 4)]    // 350 tokens at 100 a second take 3.5 s
    [InlineData(1_000_000, 60)]
    public void RetryAfter_MeasuredLoad_IsWhenAPlaceIsFreeAndThePromptsAreRead(long prefillTokens, int seconds)
    {
        DrainRate rate = new();
        for (int i = 0; i < 200; i++) rate.Stepped(TimeSpan.FromSeconds(0.5), prefillTokens: i % 2 == 0 ? 50 : 0, ends: i % 5 == 4 ? 1 : 0);
        Assert.Equal(TimeSpan.FromSeconds(seconds), rate.RetryAfter(prefillTokens));
    }

    [Fact]
    public void RetryAfter_FastEngine_IsAtLeastOneSecond()
    {
        DrainRate rate = new();
        rate.Stepped(TimeSpan.FromMilliseconds(1), prefillTokens: 100, ends: 4);
        Assert.Equal(TimeSpan.FromSeconds(1), rate.RetryAfter(10));
    }

    [Fact]
    public void Scheduler_WithScriptedStepCosts_MeasuresThem()
    {
        SchedulerRig rig = new(new ScriptedModelRunner(), stepTokens: 16);
        rig.Runner.BeforeStep = batch => rig.Time.Advance(TimeSpan.FromMilliseconds(100 * batch.TokenCount));
        for (int i = 0; i < 10; i++) rig.Submit(new int[100], 1);
        rig.RunToEnd();
        // 1,000 tokens at 100 ms each; ten ends in 100 s.
        Assert.Equal(TimeSpan.FromSeconds(30), rig.State.Drain.RetryAfter(300));
        Assert.Equal(10, rig.State.Drain.RetryAfter(0).TotalSeconds, tolerance: 1.0);
    }
}
