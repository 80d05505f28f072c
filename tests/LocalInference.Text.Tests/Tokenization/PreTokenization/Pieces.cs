using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tests.Tokenization.PreTokenization;

/// <summary>Runs steps and collects their pieces.</summary>
internal sealed class Pieces : PieceSink
{
    private readonly List<(string Text, int Offset)> _pieces = [];

    public static string[] Of(string text, params PreTokenizerStep[] steps) => [.. Placed(text, steps).Select(piece => piece.Text)];

    public static List<(string Text, int Offset)> Placed(string text, params PreTokenizerStep[] steps)
    {
        var sink = new Pieces();
        PreTokenizerStep.Chain(steps)!.Split(new Piece(text, 0), sink);
        return sink._pieces;
    }

    public override void Take(in Piece piece) => _pieces.Add((piece.Text.ToString(), piece.Offset));
}
