using LocalInference.Engine.Scheduling;

namespace LocalInference.Engine.Tests.Scheduling;

public sealed class AdmissionLedgerTests
{
    [Fact]
    public void TryTake_FromManyThreadsAtOnce_NeverGivesMoreThanThereAre()
    {
        const int capacity = 7, rounds = 20_000;
        AdmissionLedger ledger = new(capacity);
        int inside = 0, most = 0, granted = 0;
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            for (int i = 0; i < rounds; i++)
            {
                if (!ledger.TryTake()) continue;
                int now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                Interlocked.Increment(ref granted);
                Interlocked.Decrement(ref inside);
                ledger.GiveBack();
            }
        });
        Assert.InRange(most, 1, capacity);
        Assert.True(granted > 0);
        Assert.Equal(0, ledger.Taken);
    }

    [Fact]
    public void TryTake_WhenFull_IsRefusedUntilAPlaceComesBack()
    {
        AdmissionLedger ledger = new(2);
        Assert.True(ledger.TryTake() && ledger.TryTake());
        Assert.False(ledger.TryTake());
        ledger.GiveBack();
        Assert.True(ledger.TryTake());
    }

    [Fact]
    public void Close_WithPlacesTaken_LetsNobodyInAndTellsWhenTheLastIsBack()
    {
        AdmissionLedger ledger = new(2);
        Assert.True(ledger.TryTake());
        ledger.Close();
        Assert.False(ledger.TryTake());
        Assert.False(ledger.Emptied.IsCompleted);
        ledger.GiveBack();
        Assert.True(ledger.Emptied.IsCompleted);
    }

    [Fact]
    public void GiveBack_OfMoreThanWasTaken_IsABug() => Assert.Throws<InvalidOperationException>(new AdmissionLedger(1).GiveBack);

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
            if (Interlocked.CompareExchange(ref target, value, seen) == seen) return;
    }
}
