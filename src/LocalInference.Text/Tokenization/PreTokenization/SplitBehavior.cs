namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>What becomes of the matches of a Split's pattern, in the words of tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Each match is a piece of its own.</summary>
    Isolated,

    /// <summary>Matches are left out.</summary>
    Removed,

    /// <summary>A match joins what stands before it, unless that is a match.</summary>
    MergedWithPrevious,

    /// <summary>A match joins what stands after it, unless that is a match.</summary>
    MergedWithNext,

    /// <summary>Neighbouring matches become one piece.</summary>
    Contiguous,
}
