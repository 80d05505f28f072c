using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>Real exported graphs, parsed and not yet rewritten.</summary>
internal static class Graphs
{
    public static DecoderGraph TinyR1() => Read(Path.Combine(Repository.TinyR1, "model.onnx"));

    public static DecoderGraph Reference(string folder) => Read(ReferenceData.PathOf("onnx", folder, "model.onnx"));

    public static DecoderGraph Read(string path) => new(path, ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)));

    public static int Count(this DecoderGraph graph, string kind) => graph.Proto.Node.Count(n => n.Kind() == kind);
}
