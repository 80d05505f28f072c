namespace LocalInference.Quantize.Graph.Parts;

/// <summary>The cosines and sines of all positions, with the model's scaling baked in.</summary>
/// <param name="Cosines">[positions, half a head].</param>
/// <param name="Sines">The same.</param>
internal sealed record RopePart(string Cosines, string Sines)
{
    public static RopePart Build(DecoderContext context)
    {
        RotaryTable table = RotaryTable.Of(context.Config, context.MultipliesAuthorsFactor);
        int positions = context.Config.ContextTokens, pairs = context.Config.HeadSize / 2;
        string cosines = context.Plan.AddTable("cos_cache", context.Precision.Activations, positions, pairs, table.Cosines).Name;
        string sines = context.Plan.AddTable("sin_cache", context.Precision.Activations, positions, pairs, table.Sines).Name;
        return new RopePart(cosines, sines);
    }
}
