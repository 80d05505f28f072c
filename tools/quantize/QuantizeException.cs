namespace LocalInference.Quantize;

/// <summary>
/// What a user can put right: the message says where, what was found, what is expected, and ends the program with exit code 1.
/// </summary>
internal sealed class QuantizeException : Exception
{
    public QuantizeException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>A fault of a file or folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="problem">What was found and what is expected; a sentence without its end.</param>
    /// <param name="advice">What to do; a sentence without its end.</param>
    /// <param name="inner">What caused it, where something did.</param>
    public static QuantizeException At(string path, string problem, string advice, Exception? inner = null) =>
        new($"{path}: {problem}. {advice}.", inner);
}
