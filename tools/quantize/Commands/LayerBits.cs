using System.Globalization;

namespace LocalInference.Quantize.Commands;

/// <summary>Reads <c>--layer-bits</c>: layers and ranges of them, an equals sign, bits.</summary>
internal static class LayerBits
{
    // More than any model has: a slip of the finger shall not be counted through.
    private const int MostLayers = 10_000;

    /// <summary>Bits by layer; of a layer that is named twice, the last counts.</summary>
    public static Dictionary<int, int> Read(IEnumerable<string> values)
    {
        var bits = new Dictionary<int, int>();
        foreach (string value in values)
        {
            if (value.Split('=') is not [var layers, var number] || Number(number) is not { } wanted || wanted is not (4 or 8 or 16 or 32))
                throw Fault(value);
            foreach (string range in layers.Split(','))
            {
                int?[] ends = [.. range.Split('-').Select(Number)];
                if (ends.Length > 2 || ends[0] is not { } first || ends[^1] is not { } last || last < first || last >= MostLayers)
                    throw Fault(value);
                for (int layer = first; layer <= last; layer++)
                    bits[layer] = wanted;
            }
        }
        return bits;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static QuantizeException Fault(string value) =>
        new($"--layer-bits is '{value}'; allowed: layers from 0 on and ranges of them, then 4, 8, 16 or 32 bits, as in 0-3,27=8.");
}
