using Spectre.Console;

namespace LocalInference.Bench.Load;

/// <summary>
/// Shows on standard error how far a run is: a bar on a terminal, a line per level elsewhere, so that logs stay readable.
/// </summary>
internal static class LoadProgress
{
    /// <summary>Runs the levels one after the other.</summary>
    /// <param name="plan">What is run.</param>
    /// <param name="run">Runs one level, calling back after each request.</param>
    public static async Task ShowAsync(LoadPlan plan, Func<int, Action, Task> run)
    {
        if (Console.IsErrorRedirected)
        {
            for (int level = 0; level < plan.Levels.Count; level++)
            {
                await Console.Error.WriteLineAsync($"{plan.Levels[level]} in flight: {plan.Requests} requests …");
                await run(level, static () => { });
            }
            return;
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().AutoClear(true).StartAsync(async progress =>
        {
            for (int level = 0; level < plan.Levels.Count; level++)
            {
                ProgressTask bar = progress.AddTask($"{plan.Levels[level]} in flight", maxValue: plan.Requests);
                await run(level, () => bar.Increment(1));
            }
        });
    }
}
