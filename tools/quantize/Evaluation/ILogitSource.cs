namespace LocalInference.Quantize.Evaluation;

/// <summary>A model that says logits.</summary>
internal interface ILogitSource : IDisposable
{
    int VocabularySize { get; }

    /// <summary>Logits of all tokens of a sequence; [tokens, vocabulary].</summary>
    /// <param name="sequence">Its index among those that the source was made for.</param>
    float[] Logits(int sequence);
}
