using System.CommandLine;
using System.Globalization;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Commands;

/// <summary>The options that say how a model is stored.</summary>
internal sealed class PrecisionArguments
{
    private readonly Option<int> _bits = Choice("--bits", 4, "Bits of the weights; 16 is fp16, 32 is fp32.", 4, 8, 16, 32);
    private readonly Option<int> _block = Choice("--block", 32, "Inputs that share a scale.", 16, 32, 64, 128);
    private readonly Option<bool> _asymmetric = new("--asymmetric") { Description = "Store a zero point for each block." };
    private readonly Option<string> _for = Choice("--for", "cpu", "What is to run the model.", "cpu", "gpu");
    private readonly Option<string?> _activations = Optional("--activations", "Type of activations. Default: fp16 for gpu and for 16 bits, else fp32.", "fp32", "fp16");
    private readonly Option<int?> _headBits = new("--head-bits") { Description = "Bits of the LM head: 4, 8, 16 or 32. Default: as --bits.", HelpName = "N" };
    private readonly Option<string[]> _layerBits = new("--layer-bits")
    {
        Description = "Layers that get other bits, as in 0-3,27=8. May be given several times.", HelpName = "LAYERS=N", Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> _embedding = Optional(
        "--embedding", "Type of the embedding. Default as the official builder: shared with a tied 4-bit head, else as activations.", "fp32", "fp16", "int8", "int4");
    private readonly Option<string> _method = Choice("--method", "rtn", "How codes are chosen.", [.. Enum.GetNames<MethodName>().Select(n => n.ToLowerInvariant())]);
    private readonly Option<string> _attnFactor = Choice("--attn-factor", "multiply", "What a yarn model's attn_factor does: multiply, as its authors meant it, or nothing, as in transformers.", "multiply", "ignore");

    public IEnumerable<Option> Options => [_bits, _block, _asymmetric, _for, _activations, _headBits, _layerBits, _embedding, _method, _attnFactor];

    public ConversionOptions Read(ParseResult parsed)
    {
        int bits = parsed.GetValue(_bits);
        bool isForGpu = parsed.GetValue(_for) == "gpu";
        StoredType activations = parsed.GetValue(_activations) switch
        {
            "fp32" => StoredType.Float32,
            "fp16" => StoredType.Float16,
            _ => isForGpu || bits == 16 ? StoredType.Float16 : StoredType.Float32,
        };
        var precision = new Precision
        {
            Activations = activations,
            IsForGpu = isForGpu,
            Bits = CheckedFloats("--bits", bits, activations),
            BlockSize = parsed.GetValue(_block),
            IsSymmetric = !parsed.GetValue(_asymmetric),
            HeadBits = CheckedFloats("--head-bits", CheckedBits("--head-bits", parsed.GetValue(_headBits) ?? bits), activations),
            LayerBits = ReadLayerBits(parsed.GetValue(_layerBits) ?? [], activations),
            Embedding = parsed.GetValue(_embedding) is { } embedding ? Enum.Parse<EmbeddingType>(embedding, ignoreCase: true) : null,
        };
        return new ConversionOptions
        {
            Precision = precision,
            Method = Enum.Parse<MethodName>(parsed.GetValue(_method)!, ignoreCase: true),
            MultipliesAuthorsFactor = parsed.GetValue(_attnFactor) == "multiply",
        };
    }

    private static Dictionary<int, int> ReadLayerBits(string[] values, StoredType activations)
    {
        var bits = new Dictionary<int, int>();
        foreach (string value in values)
        {
            if (value.Split('=') is not [var layers, var number] || !int.TryParse(number, CultureInfo.InvariantCulture, out int parsed))
                throw LayerBitsFault(value);
            foreach (string range in layers.Split(','))
            {
                int[] ends = [.. range.Split('-').Select(e => int.TryParse(e, NumberStyles.None, CultureInfo.InvariantCulture, out int end) ? end : throw LayerBitsFault(value))];
                if (ends.Length > 2 || ends[^1] < ends[0])
                    throw LayerBitsFault(value);
                for (int layer = ends[0]; layer <= ends[^1]; layer++)
                    bits[layer] = CheckedFloats("--layer-bits", CheckedBits("--layer-bits", parsed), activations);
            }
        }
        return bits;
    }

    private static QuantizeException LayerBitsFault(string value) => new($"--layer-bits is '{value}'; allowed: layers and bits, as in 0-3,27=8.");

    private static int CheckedBits(string option, int bits) => bits is 4 or 8 or 16 or 32 ? bits : throw new QuantizeException($"{option} is {bits}; allowed: 4, 8, 16, 32.");

    private static int CheckedFloats(string option, int bits, StoredType activations)
    {
        int float_ = activations == StoredType.Float16 ? 16 : 32;
        return bits <= 8 || bits == float_
            ? bits
            : throw new QuantizeException($"{option} {bits} does not go with fp{float_} activations: a graph multiplies floats of one type. Use {float_}, or --activations fp{bits}.");
    }

    private static Option<T> Choice<T>(string name, T absent, string description, params T[] allowed)
    {
        var option = new Option<T>(name)
        {
            Description = $"{description} One of {string.Join(", ", allowed)}. Default: {absent}.", HelpName = string.Join("|", allowed), DefaultValueFactory = _ => absent,
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
