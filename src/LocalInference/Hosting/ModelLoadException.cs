namespace LocalInference.Hosting;

/// <summary>The model cannot be served: its folder, its settings or its self-test are at fault.</summary>
/// <param name="message">Names the thing, what was found, what is allowed and what to do.</param>
/// <param name="cause">What was thrown, if something was.</param>
public sealed class ModelLoadException(string message, Exception? cause = null) : Exception(message, cause);
