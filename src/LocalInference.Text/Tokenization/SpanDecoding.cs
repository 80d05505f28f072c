using System.Buffers;

namespace LocalInference.Text.Tokenization;

/// <summary>Decoding into a span that may be too small, so that the caller can go on with the ids that were not consumed.</summary>
internal static class SpanDecoding
{
    public static OperationStatus Decode(
        Detokenizer detokenizer, IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        (idsConsumed, charsWritten) = (0, 0);
        (int taken, int written) = (0, 0);
        foreach (int id in ids)
        {
            ReadOnlySpan<char> text = detokenizer.Append(id);
            if (!text.TryCopyTo(destination[written..])) return OperationStatus.DestinationTooSmall;
            (taken, written) = (taken + 1, written + text.Length);
            // Only where no byte is held back can another call go on.
            if (!detokenizer.HasPending) (idsConsumed, charsWritten) = (taken, written);
        }

        return detokenizer.HasPending ? OperationStatus.NeedMoreData : OperationStatus.Done;
    }
}
