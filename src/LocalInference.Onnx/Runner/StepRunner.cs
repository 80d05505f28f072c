using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
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
    private bool _isSubmitted;
    private bool _isDisposed;

    /// <inheritdoc/>
    public RunnerCapabilities Capabilities { get; protected set; } = null!;

    /// <summary>How a step is run: what goes wrong comes back as an exception with the same text, so nothing is printed.</summary>
    protected RunOptions RunOptions { get; } = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };

    /// <summary>The step's description.</summary>
    protected StepInputs Inputs { get; private set; } = null!;

    /// <summary>The step's rows.</summary>
    protected abstract StepRows Rows { get; }

    /// <inheritdoc/>
    public void Submit(StepBatch batch)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_isSubmitted)
                throw new InvalidOperationException("A step is already submitted: call Complete first.");
            try
            {
                Inputs.Fill(batch);
                Rows.Plan(batch);
                Run();
                Rows.Select();
                _isSubmitted = true;
            }
            finally
            {
                if (!_isSubmitted)
                    Rows.Forget();
            }
        }
    }

    /// <inheritdoc/>
    public IStepResult Complete()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isSubmitted)
            throw new InvalidOperationException("No step is submitted: call Submit first.");
        _isSubmitted = false;
        return Rows;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            Release();
            Rows?.Dispose();
            Inputs?.Dispose();
            RunOptions.Dispose();
        }
    }

    /// <summary>Notes what the start-up probe found.</summary>
    internal void SetBatchInvariant(bool isBatchInvariant) => Capabilities = Capabilities with { IsBatchInvariant = isBatchInvariant };

    /// <summary>Says what the runner can do, once its cache is made, and makes the buffers for that.</summary>
    protected void Describe(ServedGraph graph, int contextTokens, RunnerOptions options, KvLayout kv, int blockCount, string kernels)
    {
        Capabilities = new RunnerCapabilities
        {
            VocabularySize = graph.VocabularySize,
            HiddenSize = graph.HiddenSize,
            ContextTokens = contextTokens,
            MaxStepTokens = options.MaxStepTokens,
            MaxSequences = options.MaxSequences,
            Kv = kv,
            BlockCount = blockCount,
            Kernels = kernels,
            IsBatchInvariant = false,
        };
        Inputs = new StepInputs(Capabilities);
    }

    /// <summary>Runs the session over a step whose inputs are filled and whose rows are planned.</summary>
    protected abstract void Run();

    /// <summary>Gives back the session and what belongs to it, once; only what has been made, where making the runner failed.</summary>
    protected abstract void Release();
}
