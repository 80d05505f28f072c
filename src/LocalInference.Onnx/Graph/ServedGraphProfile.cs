using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>What the served graph looks like on one kind of device: its attention node, its element type, its cache.</summary>
internal sealed record ServedGraphProfile
{
    /// <summary>The processor: this project's attention, whose cache is no tensor.</summary>
    public static readonly ServedGraphProfile Cpu = new()
    {
        AttentionDomain = OnnxNames.OwnDomain,
        ElementType = OnnxTypes.Float,
        CachesAreInputs = false,
        ChoosesRows = false,
        TakesAttentionMetadata = false,
        BlockTokens = null,
        AccuracyLevel = 4,
    };

    /// <summary>Any Vulkan GPU: ONNX Runtime's attention. Its kernel refuses <c>attention_metadata</c>.</summary>
    public static readonly ServedGraphProfile WebGpu = new()
    {
        AttentionDomain = OnnxNames.ContribDomain,
        ElementType = OnnxTypes.Float16,
        CachesAreInputs = true,
        ChoosesRows = true,
        TakesAttentionMetadata = false,
        BlockTokens = 16,
        AccuracyLevel = null,
    };

    /// <summary>
    /// NVIDIA GPUs: ONNX Runtime's attention. Without <c>attention_metadata</c> it would wait for the device in every layer, and CUDA
    /// graphs demand it;
    /// its fast kernel takes blocks of 256 for every head size.
    /// </summary>
    public static readonly ServedGraphProfile Cuda = new()
    {
        AttentionDomain = OnnxNames.ContribDomain,
        ElementType = OnnxTypes.Float16,
        CachesAreInputs = true,
        ChoosesRows = true,
        TakesAttentionMetadata = true,
        BlockTokens = 256,
        MaxSequences = 256,
        AccuracyLevel = null,
    };

    /// <summary>The form for a device.</summary>
    /// <param name="device">One of <see cref="DeviceNames.All"/>, never <see cref="DeviceNames.Auto"/>.</param>
    public static ServedGraphProfile For(string device) => device switch
    {
        DeviceNames.Cpu => Cpu,
        DeviceNames.WebGpu => WebGpu,
        DeviceNames.Cuda => Cuda,
        _ => throw new ArgumentOutOfRangeException(nameof(device), device, "Not a device that a model can run on."),
    };

    /// <summary>The attention node's domain.</summary>
    public required string AttentionDomain { get; init; }

    /// <summary>The element type of activations, weights that are not quantised, and caches.</summary>
    public required int ElementType { get; init; }

    /// <summary>Whether caches are graph inputs, updated in place; otherwise the kernel keeps its own.</summary>
    public required bool CachesAreInputs { get; init; }

    /// <summary>Whether the graph chooses greedy tokens and gathers sampled rows, so that logits stay where they are made.</summary>
    public required bool ChoosesRows { get; init; }

    /// <summary>Whether attention reads the step's extent from a tensor in host memory.</summary>
    public required bool TakesAttentionMetadata { get; init; }

    /// <summary>
    /// Tokens in a cache block that the kernel demands; null where <see cref="Runner.RunnerOptions.BlockTokens"/> decides.
    /// </summary>
    public required int? BlockTokens { get; init; }

    /// <summary>Sequences in one step at most, by the attention kernel; null where there is no such limit.</summary>
    public int? MaxSequences { get; init; }

    /// <summary>The accuracy level of quantised matrix products; null to leave each as the exporter wrote it.</summary>
    public required int? AccuracyLevel { get; init; }

    /// <summary>The name of a layer's key cache among the inputs.</summary>
    public static string KeyCache(int layer) => $"past_key_values.{layer}.key";

    /// <summary>The name of a layer's value cache among the inputs.</summary>
    public static string ValueCache(int layer) => $"past_key_values.{layer}.value";

    /// <summary>A layer's attention node.</summary>
    public NodeProto MakeAttention(AttentionPlan plan) => CachesAreInputs ? Contributed(plan) : Own(plan);

    private static NodeProto Own(AttentionPlan plan) => Nodes.Make(
        plan.Name,
        OnnxNames.OwnDomain,
        OnnxNames.PagedAttention,
        [
            plan.Query, plan.Key, plan.Value, plan.Cos, plan.Sin, plan.QueryNorm, plan.KeyNorm,
            OnnxNames.CumulativeSequenceLengths, OnnxNames.PastSequenceLengths, OnnxNames.BlockTable,
        ],
        plan.Output,
        Nodes.IntAttribute("layer", plan.Layer),
        Nodes.IntAttribute("num_heads", plan.Shape.HeadCount),
        Nodes.IntAttribute("kv_num_heads", plan.Shape.KvHeadCount),
        Nodes.IntAttribute("head_size", plan.Shape.HeadSize),
        Nodes.IntAttribute("rotary", plan.Rotates ? 1 : 0),
        Nodes.IntAttribute("qk_norm", plan.Normalises ? 1 : 0),
        Nodes.FloatAttribute("scale", plan.Scale),
        Nodes.FloatAttribute("qk_norm_epsilon", plan.NormEpsilon));

    /// <summary>ONNX Runtime's operator without its cache outputs: its kernels then update the input caches in place.</summary>
    private NodeProto Contributed(AttentionPlan plan)
    {
        const string SlotMapping = "", HeadSink = "", KeyScale = "", ValueScale = "";
        List<string> inputs =
        [
            plan.Query, plan.Key, plan.Value, KeyCache(plan.Layer), ValueCache(plan.Layer),
            OnnxNames.CumulativeSequenceLengths, OnnxNames.PastSequenceLengths, OnnxNames.BlockTable,
            plan.Cos, plan.Sin, SlotMapping, HeadSink, plan.QueryNorm, plan.KeyNorm,
        ];
        if (TakesAttentionMetadata)
            inputs.AddRange([KeyScale, ValueScale, OnnxNames.AttentionMetadata]);
        while (inputs[^1].Length == 0)
            inputs.RemoveAt(inputs.Count - 1);
        NodeProto node = Nodes.Make(
            plan.Name,
            AttentionDomain,
            OnnxNames.PagedAttention,
            inputs,
            plan.Output,
            Nodes.IntAttribute("num_heads", plan.Shape.HeadCount),
            Nodes.IntAttribute("kv_num_heads", plan.Shape.KvHeadCount),
            Nodes.FloatAttribute("scale", plan.Scale),
            Nodes.IntAttribute("do_rotary", plan.Rotates ? 1 : 0),
            Nodes.IntAttribute("rotary_interleaved", 0));
        if (plan.Normalises)
            node.Attribute.Add(Nodes.FloatAttribute("qk_norm_epsilon", plan.NormEpsilon));
        return node;
    }
}
