using System.Text;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>Seeded texts of many scripts, with the characters that tokenizers stumble over.</summary>
internal sealed class RandomTexts(int seed)
{
    private const string Stumbling = " \r\n\t\u3000\u00A0'\u0085\u2028\u200D\u0301";
    private readonly Random _random = new(seed);

    public string Next(int maxCodePoints)
    {
        var text = new StringBuilder();
        for (int i = _random.Next(1, maxCodePoints); i > 0; i--)
        {
            Rune rune = NextRune();
            for (int repeat = _random.Next(5) == 0 ? _random.Next(1, 5) : 1; repeat > 0; repeat--) text.Append(rune.ToString());
        }

        return text.ToString();
    }

    private Rune NextRune()
    {
        while (true)
        {
            int codePoint = _random.Next(12) switch
            {
                0 or 1 or 2 => _random.Next(32, 127),
                3 => _random.Next(0, 0x250),
                4 => _random.Next(0x4E00, 0x9FFF),
                5 => _random.Next(0x2000, 0x3300),
                6 => _random.Next(0x10000, 0x1FB00),
                7 => _random.Next(0x20000, 0x2A6D0),
                8 => _random.Next(0x300, 0x3000),
                9 => Stumbling[_random.Next(Stumbling.Length)],
                10 => '0' + _random.Next(10),
                _ => _random.Next(0xA000, 0x10000),
            };
            if (Rune.TryCreate(codePoint, out Rune rune)) return rune;
        }
    }
}
