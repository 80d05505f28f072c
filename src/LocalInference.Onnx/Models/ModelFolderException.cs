namespace LocalInference.Onnx.Models;

/// <summary>A model folder that cannot be served. The message names the file, what was found, what is allowed and what to do.</summary>
public sealed class ModelFolderException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The file or folder at fault.</param>
    /// <param name="problem">What was found and what is allowed; a sentence without its end.</param>
    /// <param name="advice">What to do; a sentence without its end.</param>
    /// <param name="inner">What caused it, where something did.</param>
    public ModelFolderException(string path, string problem, string advice, Exception? inner = null)
        : base($"{path}: {problem}. {advice}.", inner) => Path = path;

    /// <summary>The file or folder at fault.</summary>
    public string Path { get; }

    internal static ModelFolderException ForKey(string path, string key, string found, string allowed, string advice) =>
        new(path, $"{key} is {found}; allowed: {allowed}", advice);
}
