using System.ComponentModel.DataAnnotations;
using LocalInference.Api;
using LocalInference.Engine.Scheduling;
using LocalInference.Routing.Cloud;

namespace LocalInference.Options;

/// <summary>Everything that can be set, as one immutable tree. Keys in files, environment and command line are the property paths, for example <c>Engine:MaxSequences</c>.</summary>
public sealed class LocalInferenceOptions
{
    /// <summary>The model folder: genai_config.json, the graph, its weights, tokenizer.json, the chat template.</summary>
    /// <value>A path; relative ones start at the current folder. Required.</value>
    [Required]
    public string Model { get; init; } = "";

    /// <summary>What the model runs on.</summary>
    /// <value><c>cpu</c>, the default and the only one so far.</value>
    public string Device { get; init; } = "cpu";

    /// <summary>The scheduler and its limits.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>The cloud that is asked when the scheduler has no room.</summary>
    public CloudOptions Cloud { get; init; } = new();

    /// <summary>The HTTP interface: keys and limits.</summary>
    public ApiOptions Api { get; init; } = new();
}
