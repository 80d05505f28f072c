using System.ComponentModel.DataAnnotations;
using LocalInference.Api;
using LocalInference.Engine.Scheduling;
using LocalInference.Onnx.Devices;
using LocalInference.Routing.Cloud;

namespace LocalInference.Options;

/// <summary>
/// Everything that can be set, as one immutable tree. Keys in files, environment and command line are the property paths, for example
/// <c>Engine:MaxSequences</c>.
/// </summary>
public sealed class LocalInferenceOptions : IValidatableObject
{
    /// <summary>The model folder: genai_config.json or config.json, the graph, its weights, tokenizer.json, the chat template.</summary>
    /// <value>A path; relative ones start at the current folder. Required.</value>
    [Required]
    public string Model { get; init; } = "";

    /// <summary>The graph to run, where the model folder holds several.</summary>
    /// <value>
    /// A path inside the folder, for example <c>onnx/model_q4.onnx</c>. The default, none, takes the configuration's or the folder's only
    /// one.
    /// </value>
    public string? File { get; init; }

    /// <summary>What the model runs on.</summary>
    /// <value>
    /// <c>auto</c> (the best that works; the log says why others do not), <c>cpu</c>, <c>webgpu</c> or <c>cuda</c>. The default is
    /// <c>cpu</c>, which runs everywhere alike; one that cannot be used is refused with the reason. GPUs need a library with their
    /// provider: a build with <c>-p:Device=cuda</c>, or <c>OnnxRuntime:Library</c>.
    /// </value>
    public string Device { get; init; } = DeviceNames.Cpu;

    /// <summary>ONNX Runtime's library and GPU.</summary>
    public OnnxRuntimeOptions OnnxRuntime { get; init; } = new();

    /// <summary>What computes on the CPU.</summary>
    public KernelOptions Kernels { get; init; } = new();

    /// <summary>The scheduler and its limits.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>The cloud that is asked when the scheduler has no room.</summary>
    public CloudOptions Cloud { get; init; } = new();

    /// <summary>The HTTP interface: keys and limits.</summary>
    public ApiOptions Api { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!DeviceNames.All.Contains(Device))
            yield return new ValidationResult($"{nameof(Device)}: found '{Device}', allowed is {string.Join(", ", DeviceNames.All)}.");
    }
}
