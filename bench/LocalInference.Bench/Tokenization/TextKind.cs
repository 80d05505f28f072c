namespace LocalInference.Bench.Tokenization;

/// <summary>The kinds of text that are measured: they stress different parts of a tokeniser.</summary>
internal enum TextKind
{
    /// <summary>Short words that come again and again.</summary>
    English,

    /// <summary>Clauses without spaces that hardly ever come twice.</summary>
    Chinese,

    /// <summary>Names, signs and indentation.</summary>
    Code,
}
