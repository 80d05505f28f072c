using LocalInference.Core.Execution;

namespace LocalInference.Onnx.Runner;

/// <summary>How many blocks the cache gets: arithmetic, in one place.</summary>
internal static class KvSizing
{
    /// <summary>Blocks for the given options.</summary>
    /// <param name="layout">What a block holds.</param>
    /// <param name="contextTokens">The longest sequence.</param>
    /// <param name="options">Decided sizes.</param>
    /// <param name="roomBytes">Memory that the cache may take where the options do not say.</param>
    /// <exception cref="ArgumentException">The given size holds less than one full context.</exception>
    public static int BlockCount(KvLayout layout, int contextTokens, RunnerOptions options, long roomBytes)
    {
        long blocksOfContext = layout.BlocksFor(contextTokens);
        long needed = blocksOfContext * layout.BytesPerBlock;
        if (options.KvCacheBytes is { } given && given < needed)
            throw new ArgumentException(
                $"{nameof(RunnerOptions.KvCacheBytes)} is {given}, but one full context of {contextTokens} tokens takes {needed} bytes. "
                + $"Give at least {needed}, or serve a model folder with a smaller context_length.");
        long wanted = options.KvCacheBytes ?? Math.Max(needed, Math.Min(options.MaxSequences * needed, roomBytes));
        return (int)Math.Min(wanted / layout.BytesPerBlock, int.MaxValue);
    }
}
