using LocalInference.Core.Execution;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// The order of calls that every runner keeps: steps alternate with results, and disposal waits for a step that is running, since ONNX
/// Runtime would crash otherwise. A step is computed inside <see cref="Submit"/>, whatever the device: ONNX Runtime's call returns when the
/// outputs have been copied.
/// </summary>
internal abstract class StepRunner : IModelRunner
{
    // Guards everything against disposal from another thread. It is free of contention otherwise: one thread uses a runner.
    private readonly Lock _gate = new();
    private StepState _state;

    private enum StepState
    {
        Idle,
        Submitted,
    }

    /// <inheritdoc/>
    public RunnerCapabilities Capabilities { get; protected set; } = null!;

    /// <summary>Whether the native memory is gone.</summary>
    protected bool IsDisposed { get; private set; }

    /// <summary>How a step is run: what goes wrong comes back as an exception with the same text, so nothing is printed.</summary>
    protected RunOptions RunOptions { get; } = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };

    /// <summary>The step's rows.</summary>
    protected abstract StepRows Rows { get; }

    /// <inheritdoc/>
    public void Submit(StepBatch batch)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (_state == StepState.Submitted)
                throw new InvalidOperationException("A step is already submitted: call Complete first.");
            try
            {
                Run(batch);
                Rows.Select();
                _state = StepState.Submitted;
            }
            finally
            {
                if (_state == StepState.Idle)
                    Rows.Forget();
            }
        }
    }

    /// <inheritdoc/>
    public IStepResult Complete()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (_state == StepState.Idle)
            throw new InvalidOperationException("No step is submitted: call Submit first.");
        _state = StepState.Idle;
        return Rows;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (IsDisposed)
                return;
            IsDisposed = true;
            Release();
            RunOptions.Dispose();
        }
    }

    /// <summary>Notes what the start-up probe found.</summary>
    internal void SetBatchInvariant(bool isBatchInvariant) => Capabilities = Capabilities with { IsBatchInvariant = isBatchInvariant };

    /// <summary>Plans and computes a step.</summary>
    protected abstract void Run(StepBatch batch);

    /// <summary>Gives everything back, once.</summary>
    protected abstract void Release();
}
