using System.CommandLine;
using System.Globalization;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Commands;

/// <summary>The options that say how a model is stored.</summary>
internal sealed class PrecisionArguments
{
    private static readonly string[] Methods = [.. Enum.GetNames<MethodName>().Select(n => n.ToLowerInvariant())];

    private readonly Option<int> _bits = Choice("--bits", 4, "Bits of the weights; 16 is fp16, 32 is fp32.", 4, 8, 16, 32);
    private readonly Option<int> _block = Choice("--block", 32, "Inputs that share a scale.", 16, 32, 64, 128);
    private readonly Option<bool> _asymmetric = new("--asymmetric") { Description = "Store a zero point for each block." };
    private readonly Option<string> _for = Choice("--for", "cpu", "What is to run the model.", "cpu", "gpu");
    private readonly Option<string?> _activations = Optional("--activations",
        "Type of activations, and of all weights that are not quantised. Default: fp16 for 16 bits and for gpu below 32 bits, else fp32.",
        "fp32", "fp16");
    private readonly Option<int?> _headBits = NumberOption.Create<int>(
        "--head-bits", "Bits of the LM head: 4, 8, 16 or 32. Default: as --bits.", "4, 8, 16, 32", bits => bits is 4 or 8 or 16 or 32);
    private readonly Option<string[]> _layerBits = new("--layer-bits")
    {
        Description = "Layers that get other bits, as in 0-3,27=8. May be given several times.",
        HelpName = "LAYERS=N",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> _embedding = Optional(
        "--embedding", "Type of the embedding. Default as the official builder: shared with a tied 4-bit head, else as activations.",
        "fp32", "fp16", "int8", "int4");
    private readonly Option<string> _method = new("--method")
    {
        Description = "How codes are chosen: to the nearest as the official exporter (rtn), by the scale that loses least (mse), or with "
            + "error feedback over a text (gptq). Default: rtn.",
        HelpName = string.Join("|", Methods),
        DefaultValueFactory = _ => Methods[0],
    };
    private readonly Option<string> _attnFactor = Choice("--attn-factor", "multiply",
        "What a yarn model's attn_factor does: multiply, as its authors meant it, or nothing, as in transformers.", "multiply", "ignore");

    public IEnumerable<Option> Options =>
        [_bits, _block, _asymmetric, _for, _activations, _headBits, _layerBits, _embedding, _method, _attnFactor];

    public ConversionOptions Read(ParseResult parsed)
    {
        int bits = parsed.GetValue(_bits);
        bool isForGpu = parsed.GetValue(_for) == "gpu";
        StoredType activations = parsed.GetValue(_activations) switch
        {
            "fp32" => StoredType.Float32,
            "fp16" => StoredType.Float16,
            _ => (isForGpu && bits != 32) || bits == 16 ? StoredType.Float16 : StoredType.Float32,
        };
        var precision = new Precision
        {
            Activations = activations,
            IsForGpu = isForGpu,
            Bits = CheckedFloats("--bits", bits, activations),
            BlockSize = parsed.GetValue(_block),
            IsSymmetric = !parsed.GetValue(_asymmetric),
            HeadBits = CheckedFloats("--head-bits", parsed.GetValue(_headBits) ?? bits, activations),
            LayerBits = LayerBits.Read(parsed.GetValue(_layerBits) ?? [])
                .ToDictionary(l => l.Key, l => CheckedFloats("--layer-bits", l.Value, activations)),
            Embedding = parsed.GetValue(_embedding) is { } embedding ? Enum.Parse<EmbeddingType>(embedding, ignoreCase: true) : null,
        };
        return new ConversionOptions
        {
            Precision = precision,
            Method = ReadMethod(parsed.GetValue(_method)!),
            MultipliesAuthorsFactor = parsed.GetValue(_attnFactor) == "multiply",
        };
    }

    private static MethodName ReadMethod(string name) => name switch
    {
        // The other activation-aware method in use: whoever asks for it wants what gptq is here.
        "awq" => throw new QuantizeException(
            "--method awq is not built: gptq is the method here that looks at activations. Use --method gptq."),
        _ when Methods.Contains(name) => Enum.Parse<MethodName>(name, ignoreCase: true),
        _ => throw new QuantizeException($"--method is '{name}'; allowed: {string.Join(", ", Methods)}."),
    };

    private static int CheckedFloats(string option, int bits, StoredType activations)
    {
        int float_ = activations == StoredType.Float16 ? 16 : 32;
        return bits <= 8 || bits == float_
            ? bits
            : throw new QuantizeException(
                $"{option} {bits} does not go with fp{float_} activations: MatMul takes weights and activations of one type, and casts "
                + $"would bring the weights back to {float_} bits in memory. Use {option} {float_}, or --activations fp{bits}.");
    }

    private static Option<T> Choice<T>(string name, T absent, string description, params T[] allowed)
    {
        var option = new Option<T>(name)
        {
            Description = $"{description} One of {string.Join(", ", allowed)}. Default: {absent}.",
            HelpName = string.Join("|", allowed),
            DefaultValueFactory = _ => absent,
        };
        option.AcceptOnlyFromAmong([.. allowed.Select(a => Convert.ToString(a, CultureInfo.InvariantCulture)!)]);
        return option;
    }

    private static Option<string?> Optional(string name, string description, params string[] allowed)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join("|", allowed) };
        option.AcceptOnlyFromAmong(allowed);
        return option;
    }
}
