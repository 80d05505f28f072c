using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Onnx.Models;

/// <summary>What <c>genai_config.json</c> says of a model, checked as far as that goes without the graph.</summary>
internal sealed record GenAiConfig
{
    /// <summary>The file's name in every model folder.</summary>
    public const string FileName = "genai_config.json";

    public required string Type { get; init; }

    public required string GraphFile { get; init; }

    public required int ContextTokens { get; init; }

    public required int VocabularySize { get; init; }

    public required int HiddenSize { get; init; }

    public required int HeadCount { get; init; }

    public required int KvHeadCount { get; init; }

    public required int HeadSize { get; init; }

    public required int LayerCount { get; init; }

    public required int? BeginTokenId { get; init; }

    public required IReadOnlyList<int> EndTokenIds { get; init; }

    public required SamplingParameters DefaultSampling { get; init; }

    /// <summary>Keys that the server does not know, dotted: newer builders write new ones.</summary>
    public required IReadOnlyList<string> UnknownKeys { get; init; }

    /// <summary>Sampling defaults of the folder that the server does not apply, with their values.</summary>
    public required IReadOnlyList<string> UnappliedDefaults { get; init; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="ModelFolderException">It is no JSON, or a value is missing or outside its range.</exception>
    public static GenAiConfig Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(path, document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(path, $"is no valid JSON ({e.Message.TrimEnd('.')})", "Correct the file, or download it again", e);
        }
    }

    private static GenAiConfig Read(string path, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new ModelFolderException(path, "is not a JSON object", "Export the model with onnxruntime-genai's model builder");
        var root = new ConfigReader(path, "", json);
        ConfigReader model = root.Object("model");
        ConfigReader decoder = model.Object("decoder");
        if (decoder.Has("pipeline"))
            throw decoder.Fault("pipeline", "a list of graphs", "one decoder graph in model.decoder.filename");
        ConfigReader? search = root.OptionalObject("search");
        int headCount = decoder.Int("num_attention_heads", 1);
        return new GenAiConfig
        {
            Type = model.Text("type"),
            GraphFile = decoder.Text("filename"),
            ContextTokens = model.Int("context_length", 1),
            VocabularySize = model.Int("vocab_size", 1),
            HiddenSize = decoder.Int("hidden_size", 1),
            HeadCount = headCount,
            KvHeadCount = decoder.OptionalInt("num_key_value_heads", 1) ?? headCount,
            HeadSize = decoder.Int("head_size", 1),
            LayerCount = decoder.Int("num_hidden_layers", 1),
            BeginTokenId = model.OptionalInt("bos_token_id", 0),
            EndTokenIds = ReadEndTokens(model),
            DefaultSampling = SearchDefaults.Read(search),
            UnappliedDefaults = SearchDefaults.Unapplied(search),
            UnknownKeys = [.. GenAiKeys.Unknown(root, model, decoder, search)],
        };
    }

    private static IReadOnlyList<int> ReadEndTokens(ConfigReader model)
    {
        // As onnxruntime-genai does: without an end token the padding token ends an answer.
        IReadOnlyList<int>? ids = model.OptionalIds("eos_token_id") ?? model.OptionalIds("pad_token_id");
        int vocabulary = model.Int("vocab_size", 1);
        if (ids is null)
            throw model.Fault("eos_token_id", "missing", "a token id or a list of them");
        if (ids.Any(id => id >= vocabulary))
            throw model.Fault("eos_token_id", string.Join(", ", ids), $"ids below model.vocab_size, {vocabulary}");
        return ids;
    }
}
