using System.Text;
using LocalInference.Text.Tokenization.Merging;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tests.Tokenization.Merging;

public sealed class MergeRisksTests
{
    private static MergeRisks Of(params (byte[] Left, byte[] Right)[] pairs)
    {
        var builder = new VocabularyBuilder(isByteLevel: true);
        var merges = new MergeTable();
        for (int i = 0; i < pairs.Length; i++)
        {
            builder.Add(ByteAlphabet.Spelling(pairs[i].Left), 2 * i);
            builder.Add(ByteAlphabet.Spelling(pairs[i].Right), 2 * i + 1);
            merges.Add(2 * i, 2 * i + 1, i, 99);
        }

        return new MergeRisks(builder.Build().Spelled, merges);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void MayJoin_MergesOfWholeCharactersOrInsideOne_RiskNothing()
    {
        MergeRisks risks = Of((Utf8("的"), Utf8("人")), (Utf8(" a"), Utf8("bé")), ([0xE7, 0x9A], [0x84]), (Utf8("x"), Utf8("y")));
        foreach (char left in "的 éax") foreach (char right in "人b的y") Assert.False(risks.MayJoin(left, right));
    }

    [Fact]
    public void MayJoin_ALetterAndAFirstByte_RisksWhatBeginsSo()
    {
        MergeRisks risks = Of((Utf8(" "), [0xE7]), (Utf8("e"), [0xC3]));
        Assert.True(risks.MayJoin(' ', '的'));
        Assert.True(risks.MayJoin('e', 'é'));
        Assert.False(risks.MayJoin(' ', '中'));
        Assert.False(risks.MayJoin('的', '的'));
        Assert.False(risks.MayJoin(' ', 'a'));
    }

    [Fact]
    public void MayJoin_TwoFirstBytes_RiskFewer()
    {
        MergeRisks risks = Of((Utf8("し"), [0xE3, 0x81]));
        Assert.True(risks.MayJoin('し', 'し'));
        Assert.True(risks.MayJoin('し', 'あ'));
        Assert.False(risks.MayJoin('し', 'カ'));
        Assert.False(risks.MayJoin('a', 'し'));
    }

    [Fact]
    public void MayJoin_ALastByteAndAWholeCharacter_RisksThatCharacter()
    {
        // 的 ends in 84.
        MergeRisks risks = Of(([0x84], Utf8("数")), ([0x9A, 0x84], Utf8("b")));
        Assert.True(risks.MayJoin('的', '数'));
        Assert.True(risks.MayJoin('的', 'b'));
        Assert.False(risks.MayJoin('的', '的'));
        Assert.False(risks.MayJoin('a', 'b'));
    }

    [Fact]
    public void MayJoin_OutsideTheBmp_IsNotToldApart()
    {
        MergeRisks risks = Of();
        Assert.True(risks.MayJoin('a', "🦙"[0]));
        Assert.False(risks.MayJoin("🦙"[1], 'a'));
        Assert.True(Of(([0x99], Utf8("a"))).MayJoin("🦙"[1], 'a'));
    }
}
