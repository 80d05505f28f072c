namespace LocalInference.Engine.Sampling;

/// <summary>What can be drawn for one position: the tokens that a cut leaves, with their weights.</summary>
/// <param name="strides">The logits.</param>
/// <param name="weigher">Of these logits.</param>
/// <param name="cut">What is left of them.</param>
internal readonly ref struct Distribution(Strides strides, Weigher weigher, Cut cut)
{
    private readonly Strides _strides = strides;
    private readonly Weigher _weigher = weigher;
    private readonly Cut _cut = cut;

    /// <summary>Strides of tokens, in id order.</summary>
    public int StrideCount => _strides.Count;

    /// <summary>Computes a stride's weights (<see cref="Weigher"/>'s): 0 for what cannot be drawn.</summary>
    /// <param name="stride">Its index.</param>
    /// <param name="weights">Overwritten: one stride; left alone where the sum is 0.</param>
    /// <returns>Their sum.</returns>
    public double Weigh(int stride, Span<double> weights)
    {
        if (_strides.Maxima[stride] < _cut.Logit) return 0;
        int first = stride * Strides.Length;
        if (first + Strides.Length <= _cut.Id) return _weigher.Weigh(_strides[stride], float.BitIncrement(_cut.Logit), weights);
        double sum = _weigher.Weigh(_strides[stride], _cut.Logit, weights);
        if (_cut.Id <= first) return sum;
        // The one stride in which the cut's id lies.
        for (int id = first; id < _cut.Id; id++)
            if (_strides.Logits[id] == _cut.Logit) weights[id - first] = 0;
        sum = 0;
        foreach (double weight in weights) sum += weight;
        return sum;
    }
}
