using System.Numerics.Tensors;
using LocalInference.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Bench.Step;

/// <summary>
/// ONNX Runtime alone: the folder's graph as it is. Past and present share their buffers, [slots, key heads, positions, head size] for each layer's keys and
/// values; a step's sequences are the first slots.
/// </summary>
internal sealed unsafe class OnnxRuntimeEngine : IStepEngine
{
    private readonly InferenceSession _session;
    private readonly OnnxModel _model;
    private readonly OrtMemoryInfo _memory = OrtMemoryInfo.DefaultInstance;
    private readonly RunOptions _options = new();
    private readonly SlotPool _pool;
    private readonly int _logitsWidth;
    private OrtIoBinding? _binding;
    private OrtValue[] _values = [];
    private float[] _logits = [];
    private int[] _tokens = [];

    /// <param name="model">The same folder, read already.</param>
    /// <param name="plan">Decides how large the slots must be.</param>
    public OnnxRuntimeEngine(OnnxModel model, StepPlan plan)
    {
        _model = model;
        using SessionOptions options = new() { IntraOpNumThreads = plan.Threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        // As our own: two pools in one process must not burn each other's time between turns.
        options.AddSessionConfigEntry("session.intra_op.spin_duration_us", "1000");
        _session = new InferenceSession(model.GraphPath, options);
        RequireKnownInputs();
        _pool = new SlotPool(model, _session, plan.Cases.Max(c => c.Sequences), plan.Cases.Max(c => c.PastTokens + c.NewTokens));
        _logitsWidth = model.Served.VocabularySize;
    }

    public string Name => "onnxruntime";

    public long CacheBytesPerToken => _pool.BytesPerToken;

    public IReadOnlyList<int> Tokens => _tokens;

    public void Prepare(StepCase step)
    {
        _pool.Fill(step.Sequences, step.PastTokens + step.NewTokens);
        _binding?.Dispose();
        Array.ForEach(_values, v => v.Dispose());
        _binding = _session.CreateIoBinding();
        long total = step.PastTokens + step.NewTokens;
        long[] ids =
        [
            .. Enumerable.Range(0, step.Sequences)
                .SelectMany(sequence => StepTokens.From(sequence, step.PastTokens, step.NewTokens, _logitsWidth)).Select(id => (long)id),
        ];
        long[] mask = [.. Enumerable.Repeat(1L, (int)(step.Sequences * total))];
        OrtValue idsValue = OrtValue.CreateTensorValueFromMemory(ids, [step.Sequences, step.NewTokens]);
        OrtValue maskValue = OrtValue.CreateTensorValueFromMemory(mask, [step.Sequences, total]);
        _binding.BindInput("input_ids", idsValue);
        _binding.BindInput("attention_mask", maskValue);
        // A head that its exporter pruned gives one row a sequence, others a row for each token.
        int rows = _session.OutputMetadata["logits"].Dimensions is [_, 1, _] ? 1 : step.NewTokens;
        _logits = GC.AllocateUninitializedArray<float>(step.Sequences * rows * _logitsWidth, pinned: true);
        OrtValue logits = OrtValue.CreateTensorValueFromMemory(_memory, _logits.AsMemory(), [step.Sequences, rows, _logitsWidth]);
        _binding.BindOutput("logits", logits);
        _values = [idsValue, maskValue, logits, .. _pool.Bind(_binding, _memory, step.Sequences)];
        _tokens = new int[step.Sequences];
    }

    public void Run()
    {
        _session.RunWithBinding(_options, _binding!);
        int rows = _logits.Length / _logitsWidth / _tokens.Length;
        for (int sequence = 0; sequence < _tokens.Length; sequence++)
            _tokens[sequence] = TensorPrimitives.IndexOfMax<float>(_logits.AsSpan(((sequence * rows) + rows - 1) * _logitsWidth, _logitsWidth));
    }

    public void Dispose()
    {
        _binding?.Dispose();
        Array.ForEach(_values, v => v.Dispose());
        _session.Dispose();
        _options.Dispose();
        _pool.Dispose();
    }

    private void RequireKnownInputs()
    {
        foreach (string input in _session.InputMetadata.Keys)
            if (input is not ("input_ids" or "attention_mask") && !SlotPool.IsCache(input))
                throw new BenchException($"The graph of {_model.Folder} has the input '{input}', which --kernels onnxruntime cannot fill: measure with --kernels own.");
    }
}
