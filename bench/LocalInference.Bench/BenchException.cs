namespace LocalInference.Bench;

/// <summary>Something that the user can put right; the message says how, and is all that is shown.</summary>
internal sealed class BenchException(string message) : Exception(message);
