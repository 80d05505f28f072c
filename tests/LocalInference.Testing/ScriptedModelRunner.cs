using LocalInference.Core.Execution;

namespace LocalInference.Testing;

/// <summary>
/// A model without weights. Its next token is a pure function of the sequence's whole history, and it knows that history only from what was
/// written to the sequence's blocks: a wrong block table, a lost or doubled token, a stale block or a wrong position shows as a wrong answer.
/// </summary>
public sealed class ScriptedModelRunner : IModelRunner, IStepResult
{
    private readonly RunnerCapabilities _capabilities;
    private readonly int[] _cachedTokens;
    private readonly int[] _cachedPositions;
    private readonly ulong[] _rowStates;
    private readonly int[] _rowTokens;
    private readonly float[][] _logits;
    private bool _isSubmitted;

    /// <summary>Makes a runner whose cache is garbage, as real memory is.</summary>
    public ScriptedModelRunner(
        int vocabularySize = 97, int contextTokens = 256, int blockTokens = 4, int? blockCount = null, int maxStepTokens = 512, int maxSequences = 32)
    {
        _capabilities = new RunnerCapabilities
        {
            VocabularySize = vocabularySize,
            HiddenSize = 1,
            ContextTokens = contextTokens,
            MaxStepTokens = maxStepTokens,
            MaxSequences = maxSequences,
            Kv = new KvLayout(blockTokens, [new KvLayer([new KvTensor("key", 4), new KvTensor("value", 4)])]),
            BlockCount = blockCount ?? maxSequences * ((contextTokens + blockTokens - 1) / blockTokens),
            IsBatchInvariant = true,
        };
        _cachedTokens = new int[_capabilities.BlockCount * blockTokens];
        _cachedPositions = new int[_cachedTokens.Length];
        Array.Fill(_cachedPositions, -1);
        _rowStates = new ulong[maxSequences];
        _rowTokens = new int[maxSequences];
        _logits = [.. Enumerable.Range(0, maxSequences).Select(_ => new float[vocabularySize])];
    }

    public RunnerCapabilities Capabilities => _capabilities;

    /// <summary>Called with each step before it is computed, on the engine's thread: advances a clock, waits, or throws.</summary>
    public Action<StepBatch>? BeforeStep { get; set; }

    /// <summary>The token after which the model's logits are broken (NaN); null = never.</summary>
    public int? BreaksAfterToken { get; set; }

    /// <summary>Steps computed so far.</summary>
    public int StepCount { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>What the model says after a history: the token it finds likeliest.</summary>
    public static int NextToken(ReadOnlySpan<int> history, int vocabularySize)
    {
        ulong state = 0;
        for (int i = 0; i < history.Length; i++) state = Read(state, history[i], i);
        return (int)(state % (ulong)vocabularySize);
    }

    public void Submit(StepBatch batch)
    {
        if (_isSubmitted) throw new InvalidOperationException("Submit was called twice without Complete.");
        if (batch.TokenCount == 0) throw new InvalidOperationException("A step needs at least one token.");
        BeforeStep?.Invoke(batch);
        StepCount++;
        for (int s = 0; s < batch.SequenceCount; s++) WriteTokens(batch, s);
        for (int row = 0; row < batch.RowCount; row++) ComputeRow(batch, row);
        _isSubmitted = true;
    }

    public IStepResult Complete()
    {
        if (!_isSubmitted) throw new InvalidOperationException("Complete was called without Submit.");
        _isSubmitted = false;
        return this;
    }

    public int GreedyToken(int row) => (int)(_rowStates[row] % (ulong)_capabilities.VocabularySize);

    // The likeliest token has 3; the others lie between 0 and 2, decided by the history.
    public ReadOnlySpan<float> Logits(int row)
    {
        ulong state = _rowStates[row];
        for (int i = 0; i < _logits[row].Length; i++) _logits[row][i] = (Mix(state + (ulong)i) >> 40) * (2f / (1 << 24));
        _logits[row][GreedyToken(row)] = _rowTokens[row] == BreaksAfterToken ? float.NaN : 3;
        return _logits[row];
    }

    public ReadOnlySpan<int> TopKTokens(int row) => throw new NotSupportedException("The scripted model has no top-k rows.");

    public ReadOnlySpan<float> TopKLogits(int row) => throw new NotSupportedException("The scripted model has no top-k rows.");

    public ReadOnlySpan<float> Hidden(int row) => throw new NotSupportedException("The scripted model has no hidden states.");

    public void Dispose() => IsDisposed = true;

    private void WriteTokens(StepBatch batch, int sequence)
    {
        int first = batch.CumulativeLengths[sequence], past = batch.PastLengths[sequence];
        for (int i = first; i < batch.CumulativeLengths[sequence + 1]; i++)
        {
            int position = past + i - first, slot = Slot(batch.Blocks(sequence), position);
            _cachedTokens[slot] = batch.TokenIds[i];
            _cachedPositions[slot] = position;
        }
    }

    private void ComputeRow(StepBatch batch, int row)
    {
        int token = batch.Rows[row].TokenIndex, sequence = 0;
        while (batch.CumulativeLengths[sequence + 1] <= token) sequence++;
        int length = batch.PastLengths[sequence] + token - batch.CumulativeLengths[sequence] + 1;
        ulong state = 0;
        for (int position = 0; position < length; position++)
        {
            int slot = Slot(batch.Blocks(sequence), position);
            state = Read(state, _cachedTokens[slot], _cachedPositions[slot]);
        }
        _rowStates[row] = state;
        _rowTokens[row] = batch.TokenIds[token];
    }

    private int Slot(ReadOnlySpan<int> blocks, int position) =>
        blocks[position / _capabilities.Kv.BlockTokens] * _capabilities.Kv.BlockTokens + position % _capabilities.Kv.BlockTokens;

    private static ulong Read(ulong state, int token, int position) => Mix(state ^ Mix(((ulong)(uint)position << 32) | (uint)token));

    // SplitMix64's finaliser.
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
