namespace LocalInference.Testing;

/// <summary>What code allocates on its own thread.</summary>
public static class AllocatedBytes
{
    /// <summary>
    /// Runs the code until a run allocates nothing, and at most so many times. What it allocates itself shows in every run; what does not is the first run's
    /// initialisation of types, and a collection that another thread causes: it counts what is left of this thread's allocation space, up to 8 KB, as allocated.
    /// </summary>
    /// <param name="code">Short enough that a run meets no collection now and then: other tests of the process may cause many a second.</param>
    /// <param name="runs">At least 1.</param>
    /// <returns>The bytes of the run that allocated least.</returns>
    public static long Least(Action code, int runs = 100)
    {
        long least = long.MaxValue;
        for (int run = 0; run < runs && least > 0; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            code();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
