using System.Diagnostics;

namespace LocalInference.Bench.Load;

/// <summary>
/// Keeps so many requests in flight until a level's number is answered: each answer that ends makes room for the next request (a closed
/// loop).
/// </summary>
internal sealed class LoadGenerator(ChatClient client, string model, LoadPlan plan)
{
    /// <summary>Enough words for the difference between two prompts to outweigh a word that takes two tokens.</summary>
    private const int FewWords = 16;

    private readonly PromptSource _prompts = new(plan.Seed);

    /// <summary>
    /// Sends two short requests, which warm the server up and tell how its tokenizer counts our words, so that prompts come out as long as
    /// asked.
    /// </summary>
    /// <exception cref="BenchException">The server does not answer them.</exception>
    public async Task CalibrateAsync(CancellationToken cancellationToken)
    {
        // The longer one stays well below the aim: words that take two tokens must not push it out of the context.
        int moreWords = Math.Max(2 * FewWords, plan.PromptTokens / 2);
        _prompts.Calibrate(await MeasureAsync(FewWords, cancellationToken), await MeasureAsync(moreWords, cancellationToken));
    }

    /// <summary>Runs one level.</summary>
    /// <param name="level">Which of the plan's levels.</param>
    /// <param name="onAnswered">Called after each answer or failure, from any thread.</param>
    /// <param name="cancellationToken">Ends the level without a result.</param>
    public async Task<LevelResult> RunAsync(int level, Action onAnswered, CancellationToken cancellationToken)
    {
        RequestSample[] samples = new RequestSample[plan.Requests];
        // Prompts are made beforehand: making them is no part of what is timed.
        ChatRequest[] requests =
        [
            .. Enumerable.Range(0, plan.Requests).Select(i => Request(_prompts.OfTokens(plan.PromptTokens, level, i), plan.OutputTokens)),
        ];
        int next = -1;
        long begun = Stopwatch.GetTimestamp();
        Task work = Task.WhenAll(Enumerable.Range(0, plan.Levels[level]).Select(_ => WorkAsync()));
        Task<ProbeResult>? probe = plan.Probes ? ServerProbe.WhileAsync(client, work, cancellationToken) : null;
        await work;
        LevelResult result = LevelResult.Of(plan.Levels[level], samples, Stopwatch.GetElapsedTime(begun));
        return probe is null ? result : result with { Probe = await probe };

        async Task WorkAsync()
        {
            for (int i = Interlocked.Increment(ref next); i < samples.Length; i = Interlocked.Increment(ref next))
            {
                samples[i] = await client.AskAsync(requests[i], cancellationToken);
                onAnswered();
            }
        }
    }

    private async Task<(int Words, int Tokens)> MeasureAsync(int words, CancellationToken cancellationToken)
    {
        // A level of its own keeps these prompts apart from all measured ones.
        ChatRequest request = Request(_prompts.OfWords(words, level: -1, index: words), outputTokens: 1);
        RequestSample sample = await client.AskAsync(request, cancellationToken);
        return sample.Failure is null
            ? (words, sample.PromptTokens)
            : throw new BenchException(
                $"The server did not answer a first request of {words} words: {sample.Failure}. "
                + $"Check --model ('{model}') and the server's log.");
    }

    private ChatRequest Request(string prompt, int outputTokens) => new(model, [new ChatTurn("user", prompt)], outputTokens);
}
