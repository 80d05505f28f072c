using System.Text.Json;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>The weights of a Hugging Face checkpoint folder: one safetensors file, or shards with an index.</summary>
internal sealed class Checkpoint : IWeightSource, IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _tensors = [];

    private Checkpoint(string folder) => Description = folder;

    public string Description { get; }

    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Maps all files of a checkpoint.</summary>
    /// <exception cref="QuantizeException">A file is missing or broken.</exception>
    public static Checkpoint Open(string folder)
    {
        var checkpoint = new Checkpoint(folder);
        try
        {
            checkpoint.MapAll(folder);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    public IReadOnlyList<long>? ShapeOf(string name) => _tensors.TryGetValue(name, out SafetensorsFile? file) ? file.ShapeOf(name) : null;

    public ElementType TypeOf(string name) => _tensors[name].TypeOf(name);

    public string Locate(string name) =>
        _tensors.TryGetValue(name, out SafetensorsFile? file) ? $"{file.Path}: tensor '{name}'" : $"{Description}: tensor '{name}'";

    public void Read(string name, MatrixBlock block, Span<float> values) => _tensors[name].Read(name, block, values);

    public void Release()
    {
        foreach (SafetensorsFile file in _files.Values)
            file.Release();
    }

    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
            file.Dispose();
    }

    private void MapAll(string folder)
    {
        string index = Path.Combine(folder, IndexFile), single = Path.Combine(folder, SingleFile);
        if (File.Exists(index))
            MapShards(folder, index);
        else if (File.Exists(single))
            MapFile(single);
        else
            throw QuantizeException.At(
                folder,
                $"the folder holds neither {SingleFile} nor {IndexFile}"
                + (Directory.EnumerateFiles(folder, "pytorch_model*.bin").Any() ? " (it holds PyTorch weights)" : ""),
                "Name a Hugging Face checkpoint with safetensors weights");
    }

    private void MapShards(string folder, string index)
    {
        foreach ((string tensor, string shard) in ReadIndex(index))
        {
            string path = Path.Combine(folder, shard);
            if (!_files.ContainsKey(path) && !File.Exists(path))
                throw QuantizeException.At(path, $"the shard is missing, though {IndexFile} names it for tensor '{tensor}'", "Download it");
            if (!_files.ContainsKey(path))
                MapFile(path);
            if (!_files[path].Names.Contains(tensor))
                throw QuantizeException.At(path, $"tensor '{tensor}' is missing, though {IndexFile} says it lies here",
                    "Download shard and index again");
        }
    }

    /// <summary>
    /// Takes all tensors of a file, those that an index forgot among them: whether they belong to the model is for the graph to say.
    /// </summary>
    private void MapFile(string path)
    {
        SafetensorsFile file = _files[path] = new SafetensorsFile(path);
        foreach (string name in file.Names)
            if (!_tensors.TryAdd(name, file))
                throw QuantizeException.At(path, $"tensor '{name}' lies in two files, here and in {_tensors[name].Path}; expected: one",
                    "Download the checkpoint again");
    }

    private static Dictionary<string, string> ReadIndex(string index)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(index),
                new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement map = document.RootElement.GetProperty("weight_map");
            if (!map.EnumerateObject().Any())
                throw QuantizeException.At(index, "weight_map names no tensor", "Download the index again");
            return map.EnumerateObject().ToDictionary(p => p.Name, p => FileName(index, p));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw QuantizeException.At(index,
                $"is no valid index ({e.Message.TrimEnd('.')}); expected: an object weight_map from tensor to file", "Download it again",
                e);
        }
    }

    /// <summary>A file beside the index: what names another place is refused, whatever system's way it names it in.</summary>
    private static string FileName(string index, JsonProperty entry)
    {
        string? name = entry.Value.GetString();
        return string.IsNullOrEmpty(name) || name is "." or ".." || name.AsSpan().ContainsAny("/\\:\0")
            ? throw QuantizeException.At(index,
                $"weight_map says '{name}' for tensor '{entry.Name}'; expected: a file name without folders", "Download the index again")
            : name;
    }
}
