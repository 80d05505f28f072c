using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// A step's description in a device's memory: fixed buffers that the session is bound to, which each step's data are copied into.
/// </summary>
internal sealed unsafe class DeviceInputs : IDisposable
{
    private const int MetadataLength = 3;

    private readonly OrtIoBinding _binding;
    private readonly DeviceSession _device;
    private readonly StagedTensor _inputIds;
    private readonly StagedTensor _cumulativeLengths;
    private readonly StagedTensor _pastLengths;
    private readonly StagedTensor _blockTable;
    private readonly StagedTensor _outputRows;
    private readonly StagedTensor _logitsRows;
    private readonly StagedTensor _hiddenRows;
    private readonly StagedTensor _sampledRows;
    private readonly StagedTensor _topKRows;
    private readonly StagedTensor[] _staged;
    private readonly void*[] _sources;
    private readonly void*[] _targets;

    // Both are read by the processor, so they are bound where they lie: what changes in them is seen without a copy.
    private readonly NativeBuffer<long> _topK = new(1);
    private readonly NativeBuffer<int>? _metadata;

    /// <summary>Takes the buffers and binds what never changes.</summary>
    /// <param name="binding">The session's.</param>
    /// <param name="device">The session with its memory; must outlive the buffers.</param>
    /// <param name="profile">The graph's form.</param>
    public DeviceInputs(OrtIoBinding binding, DeviceSession device, ServedGraphProfile profile)
    {
        (_binding, _device) = (binding, device);
        _inputIds = Stage(OnnxNames.InputIds, OnnxTypes.Int64, sizeof(long));
        _cumulativeLengths = Stage(OnnxNames.CumulativeSequenceLengths);
        _pastLengths = Stage(OnnxNames.PastSequenceLengths);
        _blockTable = Stage(OnnxNames.BlockTable);
        _outputRows = Stage(OnnxNames.OutputRows);
        _logitsRows = Stage(OnnxNames.LogitsRows);
        _hiddenRows = Stage(OnnxNames.HiddenRows);
        _sampledRows = Stage(OnnxNames.SampledRows);
        _topKRows = Stage(OnnxNames.TopKRows);
        _staged =
        [
            _inputIds, _cumulativeLengths, _pastLengths, _blockTable, _outputRows, _logitsRows, _hiddenRows, _sampledRows, _topKRows,
        ];
        _sources = new void*[_staged.Length];
        _targets = new void*[_staged.Length];
        *_topK.Address = 0;
        CopiesInputs = CanCopy();
        BindHost(OnnxNames.TopKCount, _topK.Address, 1, OnnxTypes.Int64, sizeof(long));
        if (profile.TakesAttentionMetadata)
        {
            _metadata = new NativeBuffer<int>(MetadataLength);
            BindHost(OnnxNames.AttentionMetadata, _metadata.Address, MetadataLength, OnnxTypes.Int32, sizeof(int));
        }

        StagedTensor Stage(string name, int type = OnnxTypes.Int32, int bytes = sizeof(int)) =>
            new(binding.DangerousGetHandle(), device.Allocator, device.Memory.DangerousGetHandle(), name, type, bytes);
    }

    /// <summary>
    /// Whether data come by copies into bound buffers; otherwise each tensor is bound in every step, which copies it too.
    /// </summary>
    public bool CopiesInputs { get; set; }

    /// <summary>How often a tensor was bound anew.</summary>
    public int BindingCount { get; private set; }

    /// <summary>Brings a step's description to the device.</summary>
    /// <returns>Bytes.</returns>
    public long Upload(StepBatch batch, StepInputs inputs, DeviceOutputs outputs)
    {
        Shape(_inputIds, inputs.Ids.Address, batch.TokenCount);
        Shape(_cumulativeLengths, inputs.CumulativeLengths.Address, inputs.EntryCount + 1);
        Shape(_pastLengths, inputs.PastLengths.Address, inputs.EntryCount);
        Shape(_blockTable, inputs.BlockTable.Address, inputs.EntryCount, inputs.TableWidth);
        Shape(_outputRows, outputs.OutputRows.Address, outputs.OutputRowCount);
        Shape(_logitsRows, outputs.LogitsRows.Address, outputs.LogitsRowCount);
        Shape(_hiddenRows, outputs.HiddenRows.Address, Math.Max(outputs.HiddenCount, 1));
        Shape(_sampledRows, outputs.SampledRows.Address, Math.Max(outputs.SampledCount, 1));
        Shape(_topKRows, outputs.TopKRows.Address, Math.Max(outputs.TopKRowCount, 1));
        *_topK.Address = outputs.TopKCount;
        if (_metadata is not null)
            DescribeExtent(inputs);
        return Copy();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StagedTensor tensor in _staged)
            tensor.Dispose();
        _topK.Dispose();
        _metadata?.Dispose();
    }

    private void Shape(StagedTensor tensor, void* host, long rows, long columns = -1)
    {
        if (!CopiesInputs)
            tensor.Bind(host, rows, columns);
        if (!CopiesInputs || tensor.Shape(host, rows, columns))
            BindingCount++;
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
        if (CopiesInputs)
            fixed (void** sources = _sources, targets = _targets)
                OrtFunctions.Check(OrtRuntime.CopyTensors(sources, targets, _staged.Length));
        return bytes;
    }

    /// <summary>
    /// Whether ONNX Runtime can copy into the device's memory outside of a run; some providers can only when a tensor is bound.
    /// </summary>
    private bool CanCopy()
    {
        using var target = new DeviceTensor(_device.Allocator, OnnxTypes.Int64, 1);
        var view = new TensorView(OrtRuntime.HostMemory, OnnxTypes.Int64, sizeof(long));
        view.Show(_topK.Address, 1, -1);
        void* from = view.Value, to = target.Value;
        try
        {
            OrtFunctions.Check(OrtRuntime.CopyTensors(&from, &to, 1));
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

    /// <summary>
    /// The step's extent, by which kernels size their launches: new tokens of an entry at most, tokens with the past ones at most, and
    /// at least.
    /// </summary>
    private void DescribeExtent(StepInputs inputs)
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

    private void BindHost(string name, void* address, long length, int type, int bytes)
    {
        var tensor = new BoundTensor(_binding.DangerousGetHandle(), name, type, bytes, isOutput: false);
        tensor.Bind(address, length);
        // The binding holds its own reference.
        tensor.Clear();
    }
}
