using System.Text.Json.Serialization;

namespace LocalInference.Text.Parsing;

/// <summary>Reads JSON texts without reflection.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class JsonTexts : JsonSerializerContext;
