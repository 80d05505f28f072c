using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Graph;

public class ExternalDataTests
{
    [Fact]
    public void Resolve_LinkedDataFile_NamesTheRealOne()
    {
        using var folder = new TemporaryFolder();
        string real = folder.Write("blobs/weights.bin", new string('x', 100));
        File.CreateSymbolicLink(Path.Combine(folder.Path, "model.onnx.data"), real);
        DecoderGraph graph = GraphWith(folder, ("a", "model.onnx.data", 0, 40), ("b", "model.onnx.data", 64, 36));
        Assert.Equal(Path.GetDirectoryName(ModelPaths.RealPath(real)), ExternalData.Resolve(graph, folder.Path, "model.onnx"));
        Assert.All(graph.Proto.Initializer, t => Assert.Equal("weights.bin", t.ExternalData[0].Value));
    }

    [Fact]
    public void Resolve_TensorBehindTheFilesEnd_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new string('x', 100));
        DecoderGraph graph = GraphWith(folder, ("a", "w.bin", 64, 37));
        Assert.Contains("the file has 100 bytes, but the tensor 'a' ends at byte 101", Refusal(graph, folder));
    }

    [Theory]
    [InlineData("offset", "-64")]
    [InlineData("length", "-1")]
    [InlineData("length", "ten")]
    [InlineData("offset", "99999999999999999999")]
    public void Resolve_NumberThatIsNone_IsRefused(string key, string value)
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new string('x', 100));
        DecoderGraph graph = GraphWith(folder, ("a", "w.bin", 64, 36));
        graph.Proto.Initializer[0].ExternalEntry(key)!.Value = value;
        Assert.Contains(
            $"the tensor 'a' has the {key} '{value}' in its data file; allowed: a whole number of 0 or more", Refusal(graph, folder));
    }

    [Fact]
    public void Resolve_EndBeyondAllNumbers_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new string('x', 100));
        DecoderGraph graph = GraphWith(folder, ("a", "w.bin", 64, 36));
        graph.Proto.Initializer[0].ExternalEntry("offset")!.Value = $"{long.MaxValue}";
        Assert.Contains("ends at byte 9223372036854775843", Refusal(graph, folder));
    }

    [Fact]
    public void Resolve_TwoFoldersOrAWayOut_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", "x");
        folder.Write("sub/v.bin", "x");
        Assert.Contains(
            "its weights lie in two folders", Refusal(GraphWith(folder, ("a", "w.bin", 0, 1), ("b", "sub/v.bin", 0, 1)), folder));
        Assert.Contains("the location of tensor 'a' is '../w.bin'; allowed: a relative path", Refusal(
            GraphWith(folder, ("a", "../w.bin", 0, 1)), folder));
    }

    [Fact]
    public void Resolve_AllWeightsInTheGraph_IsTheGraphsFolder()
    {
        DecoderGraph graph = Graphs.TinyR1();
        graph.Proto.Initializer.Clear();
        Assert.Equal(Repository.TinyR1, ExternalData.Resolve(graph, Repository.TinyR1, "model.onnx"));
    }

    private static string Refusal(DecoderGraph graph, TemporaryFolder folder) =>
        Assert.Throws<ModelFolderException>(() => ExternalData.Resolve(graph, folder.Path, "model.onnx")).Message;

    private static DecoderGraph GraphWith(TemporaryFolder folder, params (string Name, string Location, int Offset, int Length)[] tensors)
    {
        var graph = new GraphProto();
        foreach ((string name, string location, int offset, int length) in tensors)
        {
            var tensor = new TensorProto { Name = name, DataLocation = TensorProto.Types.DataLocation.External };
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{offset}" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{length}" });
            graph.Initializer.Add(tensor);
        }
        return new DecoderGraph(Path.Combine(folder.Path, "model.onnx"), new ModelProto { Graph = graph });
    }
}
