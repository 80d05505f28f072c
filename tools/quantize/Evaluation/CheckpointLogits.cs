using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Dense;
using LocalInference.Quantize.Graph;

namespace LocalInference.Quantize.Evaluation;

/// <summary>A checkpoint in single precision, its weights streamed.</summary>
internal sealed class CheckpointLogits : ILogitSource
{
    private readonly DenseLayers _layers;
    private readonly float[] _hidden;
    private ModelSource? _owned;

    /// <summary>Runs all layers over all sequences.</summary>
    public CheckpointLogits(ModelSource source, bool multipliesAuthorsFactor, IReadOnlyList<int[]> sequences,
        CancellationToken cancellationToken)
        : this(source, source.Weights, multipliesAuthorsFactor, sequences, cancellationToken)
    {
    }

    /// <summary>Runs all layers of a checkpoint whose weights are others.</summary>
    public CheckpointLogits(ModelSource source, IWeightSource weights, bool multipliesAuthorsFactor, IReadOnlyList<int[]> sequences,
        CancellationToken cancellationToken)
    {
        VocabularySize = source.Config.VocabularySize;
        _layers = new DenseLayers(source.Config, weights, RotaryTable.Of(source.Config, multipliesAuthorsFactor), sequences,
            cancellationToken);
        for (int layer = 0; layer < source.Config.LayerCount; layer++)
            _layers.Run(layer);
        _hidden = _layers.Hidden();
    }

    public int VocabularySize { get; }

    public float[] Logits(int sequence) => _layers.Logits(_hidden, sequence);

    /// <summary>Opens a checkpoint folder for as long as the logits are used.</summary>
    public static CheckpointLogits Open(string folder, IReadOnlyList<int[]> sequences, CancellationToken cancellationToken)
    {
        ModelSource source = ModelSource.Open(folder);
        try
        {
            return new CheckpointLogits(source, multipliesAuthorsFactor: true, sequences, cancellationToken) { _owned = source };
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public void Dispose() => _owned?.Dispose();
}
