using LocalInference.Text.Tokenization.AddedTokens;
using LocalInference.Text.Tokenization.PreTokenization;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tokenization;

/// <summary>
/// Our pre-tokeniser as the library's other classes know one: pieces and added tokens as places in an already normalised text.
/// </summary>
internal sealed class PipelinePreTokenizer(TextPipeline pipeline) : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        var sink = new PlaceSink();
        pipeline.Run(text, TextOrigins.All(trusted: true), normalizes: false, sink);
        return sink.Places;
    }

    private sealed class PlaceSink : EncodingSink
    {
        private int _start;
        private int _taken;

        public List<(int Offset, int Length)> Places { get; } = [];

        public override void TakeAdded(int id, ReadOnlySpan<char> text)
        {
            Places.Add((_taken, text.Length));
            _taken += text.Length;
        }

        public override void BeginText(ReadOnlySpan<char> text)
        {
            _start = _taken;
            _taken += text.Length;
        }

        public override void Take(in Piece piece) => Places.Add((_start + piece.Offset, piece.PlaceOf(piece.Text.Length) - piece.Offset));
    }
}
