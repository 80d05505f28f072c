using System.Security.Cryptography;

namespace LocalInference.Engine.Sampling;

/// <summary>Where the seed of a request that brings none comes from.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal interface ISeedSource
{
    /// <summary>A fresh seed.</summary>
    long Next();
}

/// <summary>Seeds from the operating system's generator.</summary>
internal sealed class RandomSeedSource : ISeedSource
{
    /// <inheritdoc/>
    public long Next()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes);
    }
}
