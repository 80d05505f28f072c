using LocalInference.Core.Execution;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

public class BinderTests
{
    [Fact]
    public void Step_DataChangedWithoutRebinding_IsSeen()
    {
        using DeviceModelRunner runner = WebGpu.Runner(Repository.TinyR1);
        int[] first = Questions.All[0].Prompt, second = [.. first];
        (second[5], second[^6]) = (second[^6], second[5]);
        float[] before = Logits(runner, first, [0, 1]), after = Logits(runner, second, [2, 3]);
        int bindings = runner.BindingCount;
        // The same shapes: nothing is bound anew, and ids, blocks and rows of the step are seen all the same.
        Assert.Equal(before, Logits(runner, first, [3, 2]));
        Assert.Equal(after, Logits(runner, second, [1, 0]));
        Assert.Equal(bindings, runner.BindingCount);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void Step_InputsThatCannotBeCopied_AreBoundEachTime()
    {
        using DeviceModelRunner runner = WebGpu.Runner(Repository.TinyR1);
        int[] first = Questions.All[0].Prompt, second = Questions.All[1].Prompt;
        float[] before = Logits(runner, first, [0, 1]), after = Logits(runner, second, [2, 3]);
        Assert.True(runner.CopiesInputs);
        runner.CopiesInputs = false;
        int bindings = runner.BindingCount;
        Assert.Equal(before, Logits(runner, first, [3, 2]));
        Assert.Equal(before, Logits(runner, first, [1, 0]));
        Assert.True(runner.BindingCount >= bindings + 18);
        Assert.Equal(after, Logits(runner, second, [1, 0]));
    }

    /// <summary>
    /// Why step inputs are staged: what ONNX Runtime is given in host memory it copies when it is bound, and never looks at again.
    /// </summary>
    [Fact]
    public void HostTensor_ChangedAfterBinding_IsNotSeen()
    {
        WebGpu.Require();
        using var options = new SessionOptions();
        new WebGpuProvider().AppendTo(options);
        using var session = new InferenceSession(Doubling(), options);
        using OrtIoBinding binding = session.CreateIoBinding();
        using var run = new RunOptions();
        float[] data = [1, 2, 3], result = new float[3];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(data, [3]), output = OrtValue.CreateTensorValueFromMemory(result, [3]);
        binding.BindInput("x", input);
        binding.BindOutput("y", output);
        session.RunWithBinding(run, binding);
        Assert.Equal([2f, 4, 6], result);
        data[1] = 7;
        session.RunWithBinding(run, binding);
        Assert.Equal([2f, 4, 6], result);
        binding.BindInput("x", input);
        session.RunWithBinding(run, binding);
        Assert.Equal([2f, 14, 6], result);
    }

    [Fact]
    public void Submit_AfterAFailedStep_RunnerGoesOn()
    {
        using DeviceModelRunner runner = WebGpu.Runner(Repository.TinyR1);
        int[] prompt = Questions.All[0].Prompt;
        float[] before = Logits(runner, prompt, [0, 1]);
        Assert.Throws<ArgumentException>(() => Logits(runner, [9999, .. prompt[1..]], [0, 1]));
        Assert.Throws<ArgumentException>(() => Logits(runner, prompt, [runner.Capabilities.BlockCount, 1]));
        Assert.Equal(before, Logits(runner, prompt, [0, 1]));
        runner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Logits(runner, prompt, [0, 1]));
    }

    private static float[] Logits(DeviceModelRunner runner, int[] tokens, int[] blocks)
    {
        StepBatch batch = Batches.For(runner);
        batch.Add(tokens, 0, blocks);
        batch.Want(new OutputRow(tokens.Length - 1, RowWant.Logits));
        return runner.Run(batch).Logits(0).ToArray();
    }

    private static byte[] Doubling()
    {
        var graph = new GraphProto { Name = "doubling" };
        graph.Input.Add(Nodes.Value("x", 1, 3));
        graph.Output.Add(Nodes.Value("y", 1, 3));
        graph.Node.Add(Nodes.Make("double", "", "Add", ["x", "x"], "y"));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }
}
