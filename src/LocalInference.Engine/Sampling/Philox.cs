namespace LocalInference.Engine.Sampling;

/// <summary>
/// Chance without state: a draw depends on the request's seed and the token's position and on nothing else, so neighbours, chunking and
/// preemption cannot change it. Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011);
/// the seed is its key, the position the low half of its counter. Tested against the paper's known answers.
/// </summary>
internal static class Philox
{
    private const int Rounds = 10;

    /// <summary>A number from 0 (inclusive) to 1 (exclusive), with 53 random bits.</summary>
    public static double Uniform(long seed, long position)
    {
        (uint a, uint b, _, _) = Block((uint)position, (uint)(position >>> 32), 0, 0, (uint)seed, (uint)(seed >>> 32));
        return ((((ulong)a << 32) | b) >> 11) * (1.0 / (1L << 53));
    }

    /// <summary>One block of 128 bits.</summary>
    public static (uint A, uint B, uint C, uint D) Block(uint a, uint b, uint c, uint d, uint key0, uint key1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong left = 0xD2511F53UL * a, right = 0xCD9E8D57UL * c;
            (a, b, c, d) = ((uint)(right >> 32) ^ b ^ key0, (uint)right, (uint)(left >> 32) ^ d ^ key1, (uint)left);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        return (a, b, c, d);
    }
}
