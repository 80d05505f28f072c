using LocalInference.Core.Errors;

namespace LocalInference.Engine.Scheduling;

/// <summary>
/// Where a sequence's tokens go: a request's stream, or nowhere (warm-up, allocation test). Called on the engine thread; must neither block
/// nor throw.
/// </summary>
internal interface ITokenSink
{
    /// <summary>Takes the next token.</summary>
    void Write(GeneratedToken token);

    /// <summary>The engine has let go of the sequence and its blocks; called exactly once, last.</summary>
    /// <param name="failure">Why it ended early; null when its last token ended it, or its request did.</param>
    void Close(InferenceFailure? failure);
}

/// <summary>A token as it came out of a step.</summary>
/// <param name="Id">Its id.</param>
/// <param name="End">Whether and why the sequence ends with it.</param>
internal readonly record struct GeneratedToken(int Id, TokenEnd End);

/// <summary>Why a token is a sequence's last.</summary>
internal enum TokenEnd
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>It is an end token or a stop token.</summary>
    EndToken,

    /// <summary>It is the last one allowed.</summary>
    Limit,
}
