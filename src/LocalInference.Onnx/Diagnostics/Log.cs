using LocalInference.Onnx.Kernels;
using Microsoft.Extensions.Logging;

namespace LocalInference.Onnx.Diagnostics;

/// <summary>What the project logs. Never text of prompts or answers.</summary>
internal static partial class Log
{
    [LoggerMessage(
        2001,
        LogLevel.Information,
        "Model {Id}: {Type}, {Layers} layers, {Heads} query heads over {KvHeads} key heads of {HeadSize}, vocabulary {Vocabulary}, "
        + "context {Context} tokens, on {Device}.")]
    public static partial void ModelLoaded(
        this ILogger logger, string id, string type, int layers, int heads, int kvHeads, int headSize, int vocabulary, int context,
        string device);

    [LoggerMessage(2002, LogLevel.Information, "{File} has keys that are not known here and were passed over: {Keys}.")]
    public static partial void UnknownKeys(this ILogger logger, string file, string keys);

    [LoggerMessage(2003, LogLevel.Warning, "{File} sets sampling defaults that are not applied here: {Defaults}.")]
    public static partial void UnappliedDefaults(this ILogger logger, string file, string defaults);

    [LoggerMessage(
        2004,
        LogLevel.Information,
        "{Count} matrix products of {File} ask for another accuracy level; they run at level {Level} (8-bit activations), as all do on CPUs.")]
    public static partial void Relevelled(this ILogger logger, int count, string file, long level);

    [LoggerMessage(
        2005,
        LogLevel.Information,
        "Runner of {Id}: {Threads} threads, {Blocks} blocks of {BlockTokens} tokens ({Bytes} bytes, {KvType}), "
        + "steps of at most {StepTokens} tokens, batch_invariant: {IsBatchInvariant}.")]
    public static partial void RunnerMade(
        this ILogger logger, string id, int threads, int blocks, int blockTokens, long bytes, KvType kvType, int stepTokens,
        bool isBatchInvariant);

    [LoggerMessage(
        2013,
        LogLevel.Information,
        "Runner of {Id} on {Device}: {Blocks} blocks of {BlockTokens} tokens ({Bytes} bytes of the device's memory), "
        + "steps of at most {StepTokens} tokens, batch_invariant: {IsBatchInvariant}.")]
    public static partial void DeviceRunnerMade(
        this ILogger logger, string id, string device, int blocks, int blockTokens, long bytes, int stepTokens, bool isBatchInvariant);

    [LoggerMessage(
        2014,
        LogLevel.Warning,
        "ONNX Runtime's attention on {Device} is wrong here when a sequence has more than {Tokens} new tokens in a step "
        + "(found by a probe at start): longer ones are divided, which gives right results and is slower.")]
    public static partial void LongQueriesDivided(this ILogger logger, string device, int tokens);

    [LoggerMessage(
        2015,
        LogLevel.Warning,
        "ONNX Runtime runs {Count} nodes on the processor that have no kernel on {Device}, and copies for each: {Operators}. "
        + "The model may be exported for {Device} instead.")]
    public static partial void NodesOnProcessor(this ILogger logger, int count, string device, string operators);

    [LoggerMessage(
        2006,
        LogLevel.Information,
        "{Count} weights of {File} are converted to {Type} when they are loaded: {SourceBytes} bytes become {Bytes}.")]
    public static partial void Retyped(this ILogger logger, int count, string file, string type, long sourceBytes, long bytes);

    [LoggerMessage(2007, LogLevel.Information, "Weights of {Id}: {Count} matrices packed into {Bytes} bytes; matrix kernels: {Path}.")]
    public static partial void WeightsPacked(this ILogger logger, string id, int count, long bytes, KernelPath path);

    [LoggerMessage(
        2008,
        LogLevel.Warning,
        "The system refuses executable pages, so matrix kernels of the path {Wanted} cannot be made: {Path} runs in their place, "
        + "many times slower.")]
    public static partial void CodeRefused(this ILogger logger, KernelPath wanted, KernelPath path);

    [LoggerMessage(
        2011,
        LogLevel.Information,
        "Cost of {Id}: a token alone reads {WeightBytes} bytes of weights, and {CacheBytes} for each token of context; "
        + "with {Threads} threads memory gives {GigabytesPerSecond:0.0} GB/s, which is a limit of {Limit:0.0} tokens/s at an empty context; "
        + "{Reached:0.0} tokens/s were reached, a share of {Share:0.00}.")]
    public static partial void Cost(
        this ILogger logger, string id, long weightBytes, long cacheBytes, int threads, double gigabytesPerSecond, double limit,
        double reached, double share);

    [LoggerMessage(
        2012,
        LogLevel.Information,
        "Cost of {Id}: a token alone reads {WeightBytes} bytes of weights, and {CacheBytes} for each token of context; "
        + "caches may hold that, so memory sets no limit.")]
    public static partial void CostWithoutLimit(this ILogger logger, string id, long weightBytes, long cacheBytes);
}
