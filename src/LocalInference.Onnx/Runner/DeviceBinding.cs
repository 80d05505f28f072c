using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// The session's one binding on a device. Caches are bound once. Step inputs lie in fixed buffers of the device, which each step's data are
/// copied into. Of the outputs only those are bound that the step wants something of, each with just its rows.
/// </summary>
internal sealed unsafe class DeviceBinding : IDisposable
{
    private const int MetadataLength = 3;

    private readonly OrtIoBinding _binding;
    private readonly void* _hostMemory;
    private readonly nint _environment;
    private readonly RunnerCapabilities _limits;
    private readonly StagedTensor[] _staged;
    private readonly void*[] _sources;
    private readonly void*[] _targets;
    private readonly DeviceTensor _unwanted;
    private readonly NativeBuffer<long> _topK = new(1);
    private readonly NativeBuffer<int>? _metadata;
    private BoundOutput _greedyTokens;
    private BoundOutput _logits;
    private BoundOutput _topKLogits;
    private BoundOutput _topKTokens;
    private BoundOutput _hidden;
    private bool _areOutputsBound;

    /// <summary>Binds what never changes.</summary>
    /// <param name="device">The session with its memory; must outlive the binding.</param>
    /// <param name="pool">The caches; must outlive the binding.</param>
    /// <param name="profile">The graph's form.</param>
    /// <param name="limits">The runner's.</param>
    public DeviceBinding(DeviceSession device, DeviceKvPool pool, ServedGraphProfile profile, RunnerCapabilities limits)
    {
        const int ArenaAllocator = 1, DefaultMemory = 0;
        void* memory;
        OrtFunctions.Check(OrtFunctions.CreateCpuMemoryInfo(ArenaAllocator, DefaultMemory, &memory));
        _hostMemory = memory;
        _environment = OrtEnv.Instance().DangerousGetHandle();
        _limits = limits;
        _binding = device.Session.CreateIoBinding();
        pool.BindTo(_binding);
        _staged =
        [
            Stage("input_ids"u8, OnnxTypes.Int64, sizeof(long)), Stage("cumulative_sequence_lengths"u8), Stage("past_sequence_lengths"u8),
            Stage("block_table"u8), Stage("output_rows"u8), Stage("logits_rows"u8), Stage("hidden_rows"u8), Stage("sampled_rows"u8),
            Stage("top_k_rows"u8),
        ];
        _sources = new void*[_staged.Length];
        _targets = new void*[_staged.Length];
        _greedyTokens = Output("greedy_tokens"u8, OnnxTypes.Int64, sizeof(long));
        _logits = Output("logits"u8, OnnxTypes.Float16, sizeof(ushort));
        _topKLogits = Output("top_k_logits"u8, OnnxTypes.Float16, sizeof(ushort));
        _topKTokens = Output("top_k_tokens"u8, OnnxTypes.Int64, sizeof(long));
        _hidden = Output("hidden"u8, OnnxTypes.Float16, sizeof(ushort));
        _unwanted = new DeviceTensor(device.Allocator, OnnxTypes.Int64, 1);
        *_topK.Address = 0;
        CopiesInputs = CanCopy();
        // Both are read by the processor, so they are bound where they lie: what changes in them is seen without a copy.
        BindHost("top_k"u8, _topK.Address, 1, OnnxTypes.Int64, sizeof(long));
        if (profile.TakesAttentionMetadata)
        {
            _metadata = new NativeBuffer<int>(MetadataLength);
            BindHost("attention_metadata"u8, _metadata.Address, MetadataLength, OnnxTypes.Int32, sizeof(int));
        }

        StagedTensor Stage(ReadOnlySpan<byte> name, int type = OnnxTypes.Int32, int bytes = sizeof(int)) => new(
            _binding.DangerousGetHandle(), device.Allocator, (nint)_hostMemory, device.Memory.DangerousGetHandle(), OrtFunctions.Literal(name),
            type, bytes);

        BoundOutput Output(ReadOnlySpan<byte> name, int type, int bytes) => new((nint)_hostMemory, OrtFunctions.Literal(name), type, bytes);
    }

    /// <summary>What the last step copied between host and device.</summary>
    public StepTraffic Traffic { get; private set; }

    /// <summary>
    /// Whether step inputs come by copies into bound buffers; otherwise each is bound in every step, which copies it too.
    /// </summary>
    public bool CopiesInputs { get; set; }

    /// <summary>How often a step input or the outputs were bound anew.</summary>
    public int BindingCount { get; private set; }

    /// <summary>Runs the session once over the host buffers' current contents.</summary>
    public void Run(InferenceSession session, RunOptions options, StepBatch batch, StepInputs inputs, DeviceOutputs outputs)
    {
        Stage(batch, inputs, outputs);
        *_topK.Address = outputs.TopKCount;
        if (_metadata is not null)
            Describe(inputs);
        long uploaded = Copy();
        long downloaded = BindOutputs(outputs);
        session.RunWithBinding(options, _binding);
        Traffic = new StepTraffic(uploaded, downloaded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        foreach (StagedTensor tensor in _staged)
            tensor.Dispose();
        _greedyTokens.Clear();
        _logits.Clear();
        _topKLogits.Clear();
        _topKTokens.Clear();
        _hidden.Clear();
        _unwanted.Dispose();
        _topK.Dispose();
        _metadata?.Dispose();
        OrtFunctions.ReleaseMemoryInfo(_hostMemory);
    }

    private void Stage(StepBatch batch, StepInputs inputs, DeviceOutputs outputs)
    {
        Shape(0, inputs.Ids.Address, batch.TokenCount);
        Shape(1, inputs.CumulativeLengths.Address, inputs.EntryCount + 1);
        Shape(2, inputs.PastLengths.Address, inputs.EntryCount);
        Shape(3, inputs.BlockTable.Address, inputs.EntryCount, inputs.TableWidth);
        Shape(4, outputs.OutputRows.Address, outputs.OutputRowCount);
        Shape(5, outputs.LogitsRows.Address, outputs.LogitsRowCount);
        Shape(6, outputs.HiddenRows.Address, Math.Max(outputs.HiddenCount, 1));
        Shape(7, outputs.SampledRows.Address, Math.Max(outputs.SampledCount, 1));
        Shape(8, outputs.TopKRows.Address, Math.Max(outputs.TopKRowCount, 1));
    }

    private void Shape(int index, void* host, long rows, long columns = -1)
    {
        if (!CopiesInputs)
            _staged[index].Bind(host, rows, columns);
        if (!CopiesInputs || _staged[index].Shape(host, rows, columns))
            BindingCount++;
    }

    /// <summary>
    /// Whether ONNX Runtime can copy into the device's memory outside of a run; some providers can only when a tensor is bound.
    /// </summary>
    private bool CanCopy()
    {
        var view = new TensorView((nint)_hostMemory, OnnxTypes.Int64, sizeof(long));
        view.Show(_topK.Address, 1, -1);
        void* source = view.Value, target = _unwanted.Value;
        try
        {
            OrtFunctions.Check(OrtFunctions.CopyTensors(_environment, &source, &target, null, 1));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            view.Clear();
        }
    }

    private long Copy()
    {
        long bytes = 0;
        for (int i = 0; i < _staged.Length; i++)
        {
            _sources[i] = _staged[i].Source;
            _targets[i] = _staged[i].Target;
            bytes += _staged[i].Bytes;
        }
        if (!CopiesInputs)
            return bytes;
        fixed (void** sources = _sources, targets = _targets)
            OrtFunctions.Check(OrtFunctions.CopyTensors(_environment, sources, targets, null, (nuint)_staged.Length));
        return bytes;
    }

    /// <summary>Binds what the step wants; all anew when anything of it has changed, since a name cannot be unbound alone.</summary>
    /// <returns>Bytes that will come back.</returns>
    private long BindOutputs(DeviceOutputs outputs)
    {
        bool isChanged = _greedyTokens.Want(outputs.GreedyCount > 0 ? outputs.LogitsRowCount : 0, outputs.GreedyTokens.Address)
            | _logits.Want(outputs.SampledCount, outputs.SampledLogits.Address, _limits.VocabularySize)
            | _topKLogits.Want(outputs.TopKRowCount, outputs.BestLogits.Address, outputs.TopKCount)
            | _topKTokens.Want(outputs.TopKRowCount, outputs.BestTokens.Address, outputs.TopKCount)
            | _hidden.Want(outputs.HiddenCount, outputs.HiddenStates.Address, _limits.HiddenSize);
        if (isChanged || !_areOutputsBound)
        {
            BindingCount++;
            _areOutputsBound = false;
            nint binding = _binding.DangerousGetHandle();
            OrtFunctions.ClearBoundOutputs(binding);
            bool isAnything = _greedyTokens.Bind(binding) | _logits.Bind(binding) | _hidden.Bind(binding)
                | _topKLogits.Bind(binding) | _topKTokens.Bind(binding);
            // A run must have an output; this one stays on the device.
            if (!isAnything)
                OrtFunctions.Check(OrtFunctions.BindOutput(binding, OrtFunctions.Literal("greedy_tokens"u8), _unwanted.Value));
            _areOutputsBound = true;
        }
        return _greedyTokens.Bytes + _logits.Bytes + _topKLogits.Bytes + _topKTokens.Bytes + _hidden.Bytes;
    }

    /// <summary>
    /// The step's extent, by which kernels size their launches: new tokens of an entry at most, tokens with the past ones at most, and
    /// at least.
    /// </summary>
    private void Describe(StepInputs inputs)
    {
        int longestNew = 0, longest = 0;
        for (int i = 0; i < inputs.EntryCount; i++)
        {
            int tokens = inputs.CumulativeLengths.Address[i + 1] - inputs.CumulativeLengths.Address[i];
            longestNew = Math.Max(longestNew, tokens);
            longest = Math.Max(longest, inputs.PastLengths.Address[i] + tokens);
        }
        (_metadata!.Address[0], _metadata.Address[1], _metadata.Address[2]) = (longestNew, longest, longest);
    }

    private void BindHost(ReadOnlySpan<byte> name, void* address, long length, int type, int bytes)
    {
        var view = new TensorView((nint)_hostMemory, type, bytes);
        view.Show(address, length, -1);
        void* status = OrtFunctions.BindInput(_binding.DangerousGetHandle(), OrtFunctions.Literal(name), view.Value);
        // The binding holds its own reference.
        view.Clear();
        OrtFunctions.Check(status);
    }
}
