using System.Runtime.InteropServices;
using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Runner;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>A graph of nothing but one attention node, run by ONNX Runtime over a pool.</summary>
internal sealed class AttentionSession : IDisposable
{
    private readonly CpuSession _session;
    private readonly AttentionShape _shape;

    /// <param name="example">Gives attributes and constants.</param>
    /// <param name="packed">One input of query, key and value, as builders write it.</param>
    /// <param name="maxStepTokens">What the pool is made for.</param>
    /// <param name="type">What the pool keeps.</param>
    /// <param name="path">What products are computed with; null = the fastest here.</param>
    /// <param name="assumedThreads">Threads that the pool assumes at most; two compute.</param>
    public AttentionSession(
        AttentionCase example, bool packed = false, int maxStepTokens = 4096, KvType type = KvType.Float32, KernelPath? path = null, int assumedThreads = 1)
    {
        _shape = example.Shape;
        Pool = new KvPool(example.Shape, layerCount: 1, example.BlockCount, example.BlockTokens, maxStepTokens, type, path ?? KernelPaths.Best, assumedThreads);
        PoolContents.Import(Pool, example.KeyCache, example.ValueCache);
        _session = new CpuSession(Graph(example, packed), Path.GetTempPath(), Pool, threads: 2);
        IsPacked = packed;
    }

    public KvPool Pool { get; }

    public bool IsPacked { get; }

    /// <summary>Lets the pool assume other threads for the next steps: at most what it was made for.</summary>
    public unsafe void Assume(int threads) => Pool.Memory->Threads = threads;

    /// <param name="step">The step.</param>
    /// <param name="tableRows">Rows that its block table claims; null = one for each sequence, as it should be.</param>
    public float[] Run(AttentionCase step, int? tableRows = null)
    {
        int claimed = tableRows ?? step.SequenceCount;
        long rows = step.TokenCount;
        var inputs = new Dictionary<string, OrtValue>
        {
            [OnnxNames.CumulativeSequenceLengths] = Tensor(step.CumulativeLengths, step.CumulativeLengths.Length),
            [OnnxNames.PastSequenceLengths] = Tensor(step.PastLengths, step.PastLengths.Length),
            [OnnxNames.BlockTable] = Tensor(step.BlockTable, claimed, step.BlockTable.Length / claimed),
        };
        if (IsPacked)
            inputs["query"] = Tensor(Pack(step), rows, (_shape.HeadCount + (2 * _shape.KvHeadCount)) * _shape.HeadSize);
        else
        {
            inputs["query"] = Tensor(step.Query, rows, _shape.HeadCount * _shape.HeadSize);
            inputs["key"] = Tensor(step.Key, rows, _shape.KvHeadCount * _shape.HeadSize);
            inputs["value"] = Tensor(step.Value, rows, _shape.KvHeadCount * _shape.HeadSize);
        }
        using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Session.Run(options, inputs, ["output"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        _session.Dispose();
        Pool.Dispose();
    }

    private static OrtValue Tensor<T>(T[] data, params long[] shape)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(data, shape);

    private float[] Pack(AttentionCase step)
    {
        int query = _shape.HeadCount * _shape.HeadSize, key = _shape.KvHeadCount * _shape.HeadSize;
        return [.. Enumerable.Range(0, step.TokenCount).SelectMany(t => step.Query.Skip(t * query).Take(query).Concat(step.Key.Skip(t * key).Take(key)).Concat(step.Value.Skip(t * key).Take(key)))];
    }

    private static byte[] Graph(AttentionCase example, bool packed)
    {
        AttentionShape shape = example.Shape;
        var graph = new GraphProto { Name = "attention" };
        var model = new ModelProto { IrVersion = 10, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxNames.OwnDomain, Version = 1 });
        foreach (string name in packed ? (string[])["query"] : ["query", "key", "value"])
            graph.Input.Add(Nodes.Value(name, OnnxTypes.Float, "tokens", $"{name}_width"));
        graph.Input.Add(Nodes.Value(OnnxNames.CumulativeSequenceLengths, OnnxTypes.Int32, "sequences_and_one"));
        graph.Input.Add(Nodes.Value(OnnxNames.PastSequenceLengths, OnnxTypes.Int32, "sequences"));
        graph.Input.Add(Nodes.Value(OnnxNames.BlockTable, OnnxTypes.Int32, "sequences", "blocks"));
        graph.Output.Add(Nodes.Value("output", OnnxTypes.Float, "tokens", (long)shape.HeadCount * shape.HeadSize));
        graph.Node.Add(Nodes.Make(
            "attention", OnnxNames.OwnDomain, OnnxNames.PagedAttention,
            [
                "query", packed ? "" : "key", packed ? "" : "value",
                Constant(graph, "cos", example.Cos, shape.HeadSize / 2), Constant(graph, "sin", example.Sin, shape.HeadSize / 2),
                Constant(graph, "q_norm", example.QueryNorm), Constant(graph, "k_norm", example.KeyNorm),
                OnnxNames.CumulativeSequenceLengths, OnnxNames.PastSequenceLengths, OnnxNames.BlockTable,
            ],
            "output",
            Nodes.IntAttribute("layer", 0), Nodes.IntAttribute("num_heads", shape.HeadCount), Nodes.IntAttribute("kv_num_heads", shape.KvHeadCount), Nodes.IntAttribute("head_size", shape.HeadSize),
            Nodes.IntAttribute("rotary", example.Cos is null ? 0 : 1), Nodes.IntAttribute("qk_norm", example.QueryNorm is null ? 0 : 1),
            Nodes.FloatAttribute("scale", example.Scale), Nodes.FloatAttribute("qk_norm_epsilon", example.NormEpsilon)));
        return model.ToByteArray();
    }

    private static string Constant(GraphProto graph, string name, float[]? values, int columns = 0)
    {
        if (values is null)
            return "";
        var tensor = new TensorProto { Name = name, DataType = OnnxTypes.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values)) };
        tensor.Dims.Add(columns == 0 ? [values.Length] : [values.Length / columns, columns]);
        graph.Initializer.Add(tensor);
        return name;
    }
}
