using LocalInference.Core.Errors;

namespace LocalInference.Chat;

/// <summary>An answer could not be given. <see cref="Microsoft.Extensions.AI.IChatClient"/>'s shape has no other way to say so.</summary>
/// <param name="failure">What failed.</param>
public sealed class InferenceException(InferenceFailure failure) : Exception(failure.Message)
{
    /// <summary>What failed, and when trying again makes sense.</summary>
    public InferenceFailure Failure => failure;
}
