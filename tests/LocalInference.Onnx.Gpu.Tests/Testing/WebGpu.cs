using System.Runtime.InteropServices;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Gpu.Tests.Testing;

/// <summary>The WebGPU device that the tests run on, where this machine has one; else they skip, saying what is missing.</summary>
internal static class WebGpu
{
    private const string Package = "onnxruntime-node";

    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <summary>The native library of the npm package, whether or not it is there.</summary>
    public static string LibraryPath { get; } = Path.Combine(
        Repository.Root, "artifacts", "native", "node_modules", Package, "bin", "napi-v6", "linux",
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64", "libonnxruntime.so.1");

    /// <summary>Skips the calling test where there is no device.</summary>
    public static void Require() => Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");

    /// <summary>Loads a folder for the device.</summary>
    public static OnnxModel Load(string folder)
    {
        Require();
        return OnnxModel.Load(folder, new OnnxModelOptions { Device = DeviceNames.WebGpu, Library = LibraryPath }, NullLogger.Instance);
    }

    /// <summary>A runner of a folder on the device.</summary>
    public static DeviceModelRunner Runner(string folder, RunnerOptions? options = null) =>
        (DeviceModelRunner)Load(folder).CreateRunner(options ?? new RunnerOptions());

    /// <summary>Runs a step to its end.</summary>
    public static IStepResult Run(this IModelRunner runner, StepBatch batch)
    {
        runner.Submit(batch);
        return runner.Complete();
    }

    private static string? FindMissing()
    {
        if (!File.Exists(LibraryPath))
            return $"The npm package {Package} is missing, whose native library has the WebGPU provider: run ./scripts/test --device webgpu.";
        ApiBridge.Apply(NativeLibrary.Load(LibraryPath));
        OrtLibrary.Use(LibraryPath);
        return new WebGpuProvider().ReasonAgainst() is { } reason ? $"There is no WebGPU device: {reason}." : null;
    }
}
