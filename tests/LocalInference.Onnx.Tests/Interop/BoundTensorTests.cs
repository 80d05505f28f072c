using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Tests.Interop;

public sealed unsafe class BoundTensorTests : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();

    public BoundTensorTests()
    {
        OrtRuntime.EnsureStarted();
        _session = new InferenceSession(Identity());
        _binding = _session.CreateIoBinding();
    }

    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        _options.Dispose();
    }

    [Fact]
    public void Bind_OnceForAShape_LaterDataAreSeen()
    {
        using HostTensor<float> from = Tensor("x"), to = Tensor("y");
        var input = new BoundTensor(_binding.DangerousGetHandle(), from, isOutput: false);
        var output = new BoundTensor(_binding.DangerousGetHandle(), to, isOutput: true);
        foreach ((int rows, int columns, float value) in new[] { (2, 2, 1f), (2, 2, 2f), (1, 3, 3f), (4, 1, 4f) })
        {
            from.Shape(rows, columns);
            to.Shape(rows, columns);
            from.Values.Fill(value);
            to.Values.Clear();
            input.Bind();
            output.Bind();
            _session.RunWithBinding(_options, _binding);
            Assert.Equal(Enumerable.Repeat(value, rows * columns), to.Values.ToArray());
        }
        input.Clear();
        output.Clear();
    }

    [Fact]
    public void Bind_Failed_FailsAgainAndDoesNotPassForBound()
    {
        using HostTensor<float> from = Tensor("z");
        from.Shape(1, 1);
        var unknown = new BoundTensor(_binding.DangerousGetHandle(), from, isOutput: false);
        for (int attempt = 0; attempt < 2; attempt++)
            Assert.Contains("z", Assert.Throws<InvalidOperationException>(() => unknown.Bind()).Message);
    }

    private static HostTensor<float> Tensor(string name) => new(name, OnnxTypes.Float, 4);

    private static byte[] Identity()
    {
        var model = new ModelProto { IrVersion = 10, Graph = new GraphProto { Name = "identity" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        model.Graph.Input.Add(Nodes.Value("x", OnnxTypes.Float, "rows", "columns"));
        model.Graph.Output.Add(Nodes.Value("y", OnnxTypes.Float, "rows", "columns"));
        model.Graph.Node.Add(Nodes.Make("identity", "", "Identity", ["x"], "y"));
        return model.ToByteArray();
    }
}
