using LocalInference.Core.Completions;
using LocalInference.Engine.Scheduling;

namespace LocalInference.Engine.Tests.Scheduling;

public sealed class SequenceListsTests
{
    private readonly SequenceLists _lists = new();

    [Fact]
    public void JoinAndPreempt_AnyOrder_KeepBothListsByAge()
    {
        for (int i = 0; i < 5; i++) _lists.Add(New($"s{i}"));
        for (int i = 0; i < 4; i++) _lists.JoinOldest();
        _lists.PreemptYoungest();
        _lists.PreemptYoungest();
        Assert.Equal(("s0 s1", "s2 s3 s4"), (Names(_lists.Running), Names(_lists.Waiting)));
        _lists.JoinOldest();
        Assert.Equal(("s0 s1 s2", "s3 s4"), (Names(_lists.Running), Names(_lists.Waiting)));
        Assert.All(_lists.Running, s => Assert.Equal(SequenceState.Running, s.State));
        Assert.All(_lists.Waiting, s => Assert.Equal(SequenceState.Waiting, s.State));
    }

    [Fact]
    public void RemoveEnded_InBothLists_LeavesTheOthers()
    {
        for (int i = 0; i < 4; i++) _lists.Add(New($"s{i}"));
        _lists.JoinOldest();
        _lists.JoinOldest();
        _lists.Running[1].State = _lists.Waiting[0].State = SequenceState.Ended;
        _lists.RemoveEnded();
        Assert.Equal(("s0", "s3"), (Names(_lists.Running), Names(_lists.Waiting)));
    }

    [Fact]
    public void Append_EndTokenAtTheLimit_CountsAsEndToken()
    {
        Sequence sequence = New("s", maxTokens: 2);
        Assert.Equal(TokenEnd.None, sequence.Append(4));
        Assert.Equal(TokenEnd.EndToken, sequence.Append(9));
        Assert.Equal(TokenEnd.EndToken, New("s", maxTokens: 2).Append(9));
    }

    [Fact]
    public void ChunkTokens_AfterForgetting_StartAtThePromptAgain()
    {
        Sequence sequence = New("s", maxTokens: 3);
        sequence.Chunk = 2;
        sequence.AdvanceCache();
        sequence.Append(4);
        sequence.Chunk = 1;
        Assert.Equal([4], sequence.ChunkTokens);
        sequence.ForgetCache();
        sequence.Chunk = sequence.PendingTokens;
        Assert.Equal([1, 2, 4], sequence.ChunkTokens);
    }

    private static Sequence New(string id, int maxTokens = 1) =>
        new(id, [1, 2], maxTokens, SamplingParameters.Greedy, [9], 4, new RecordingSink());

    private static string Names(IEnumerable<Sequence> sequences) => string.Join(' ', sequences.Select(s => s.Id));
}
