using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>What the kernel of one layer knows of its node: read once, when the session is made.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AttentionNode
{
    public AttentionMemory* Memory;
    public float* Cos;
    public float* Sin;
    public float* QueryNorm;
    public float* KeyNorm;
    public int Layer;
    public int HeadCount;
    public int KvHeadCount;
    public int HeadSize;
    public int RotaryPositions;
    public float Scale;
    public float NormEpsilon;

    public readonly int GroupSize => HeadCount / KvHeadCount;
}

/// <summary>One call of a layer's kernel: where its rows and the step's description lie.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AttentionJob
{
    public AttentionNode* Node;
    public float* Query;
    public float* Key;
    public float* Value;
    public float* Output;
    public int* CumulativeLengths;
    public int* PastLengths;
    public int* BlockTable;
    public int QueryStride;
    public int KeyStride;
    public int ValueStride;
    public int TokenCount;
    public int SequenceCount;
    public int BlockTableWidth;
    public int TileCount;

    /// <summary>Set by a task that threw: the error slot that is read after the loop.</summary>
    public int Failed;

    public readonly int NewTokens(int sequence) => CumulativeLengths[sequence + 1] - CumulativeLengths[sequence];

    /// <summary>A row's position in its sequence.</summary>
    public readonly int Position(int sequence, int row) => PastLengths[sequence] + row - CumulativeLengths[sequence];

    /// <summary>Spans of a sequence's whole context, the step's tokens included.</summary>
    public readonly int SpanCount(int sequence) => ((PastLengths[sequence] + NewTokens(sequence) - 1) / Node->Memory->SpanTokens) + 1;

    /// <summary>Whether the task that attends also writes the sequence's one new token: of a split context, the last span's alone reads it.</summary>
    public readonly bool AppendsAsItAttends(Tile tile) =>
        NewTokens(tile.Sequence) == 1 && (!tile.IsSplit || tile.Span == SpanCount(tile.Sequence) - 1);

    /// <summary>Spans of a split sequence that are still being computed with a key head. A step with split contexts has fewer of these pairs than threads.</summary>
    public readonly int* OpenSpans(int sequence, int kvHead) => Node->Memory->OpenSpans + (sequence * Node->KvHeadCount) + kvHead;

    /// <summary>The cache block that holds a position.</summary>
    public readonly int BlockAt(int sequence, int index) => BlockTable[((long)sequence * BlockTableWidth) + index];
}
