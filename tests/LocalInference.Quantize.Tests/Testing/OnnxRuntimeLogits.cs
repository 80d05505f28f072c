using LocalInference.Onnx.Models;
using LocalInference.Quantize.Evaluation;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Quantize.Tests.Testing;

/// <summary>
/// A model folder as ONNX Runtime alone runs it: the folder's own graph and ONNX Runtime's kernels, each sequence in one run without a
/// past.
/// </summary>
internal sealed class OnnxRuntimeLogits : ILogitSource
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly ModelConfig _config;
    private readonly IReadOnlyList<int[]> _sequences;

    /// <param name="folder">With activations in fp32.</param>
    /// <param name="sequences">What logits will be asked of.</param>
    public OnnxRuntimeLogits(string folder, IReadOnlyList<int[]> sequences)
    {
        ModelFolder found = ModelFolder.Read(folder);
        (_config, _sequences) = (found.Config, sequences);
        _session = new InferenceSession(found.GraphPath);
    }

    public int VocabularySize => _config.VocabularySize;

    public float[] Logits(int sequence)
    {
        long[] ids = [.. _sequences[sequence].Select(id => (long)id)], shape = [1, ids.Length];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using OrtValue mask = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, ids.Length).ToArray(), shape);
        using OrtValue past = OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [1, _config.KvHeadCount, 0, _config.HeadSize]);
        string[] names = [.. _session.InputMetadata.Keys];
        OrtValue[] inputs = [.. names.Select(name => name switch { "input_ids" => input, "attention_mask" => mask, _ => past })];
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, names, inputs, ["logits"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }
}
