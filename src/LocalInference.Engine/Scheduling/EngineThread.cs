using System.Threading.Channels;
using LocalInference.Core.Errors;

namespace LocalInference.Engine.Scheduling;

/// <summary>
/// The one thread that touches the scheduler, and the bounded channel through which everybody else talks to it. Commands are taken
/// between steps; with nothing to do it sleeps in the channel.
/// </summary>
/// <param name="scheduler">Owned from <see cref="Start"/> on.</param>
/// <param name="places">
/// Admission's places. Each posts at most twice, a submission and an abort, before it is free again: so the channel is never full.
/// </param>
/// <param name="services">Told when the thread dies.</param>
/// <remarks>Posting is safe for concurrent use.</remarks>
internal sealed class EngineThread(Scheduler scheduler, int places, SchedulerServices services)
{
    private static readonly InferenceFailure Draining = new(
        InferenceError.Draining, "The server is stopping; the answer could not be finished in time.");

    private static readonly InferenceFailure Died = new(
        InferenceError.EngineFailed, "The engine has ended by an error of its own; the server must be restarted.");

    // A wake-up on the writer's thread only sets an event here: no request waits for the engine, no thread pool is in between.
    private readonly Channel<SchedulerCommand> _commands = Channel.CreateBounded<SchedulerCommand>(
        new BoundedChannelOptions(2 * places) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;

    /// <summary>Whether the thread sleeps until somebody wants something of it.</summary>
    internal bool IsAsleep => _thread is { ThreadState: var state } && state.HasFlag(ThreadState.WaitSleepJoin);

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { Name = "LocalInference engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Hands a command over.</summary>
    /// <returns>False when the thread takes no more: it fails, or has failed, every sequence it knows.</returns>
    public bool TryPost(SchedulerCommand command) => _commands.Writer.TryWrite(command);

    /// <summary>Ends the thread after its current step; what is unfinished then is failed. Completes when the thread is gone.</summary>
    public async Task StopAsync()
    {
        _commands.Writer.TryComplete();
        if (_thread is null) return;
        await _ended.Task.ConfigureAwait(false);
        _thread.Join();
    }

    private void Run()
    {
        InferenceFailure last = Draining;
        try
        {
            while (TakeCommands())
                if (scheduler.HasWork) scheduler.Step();
                else WaitForCommand();
        }
        catch (Exception exception)
        {
            // Reached by a bug only; the process lives so that it can say so.
            last = Died;
            services.State.Dies();
            _commands.Writer.TryComplete();
            Log.EngineDied(services.Logger, exception);
            TakeCommands();
        }
        Log.EngineStopped(services.Logger, scheduler.FailAll(last));
        _ended.SetResult();
    }

    // False when no command can come any more.
    private bool TakeCommands()
    {
        while (_commands.Reader.TryRead(out SchedulerCommand command))
            if (command.Abort is { } reason) scheduler.Abort(command.Sequence, reason);
            else scheduler.Submit(command.Sequence);
        return !_commands.Reader.Completion.IsCompleted;
    }

    private void WaitForCommand() => _commands.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();
}
